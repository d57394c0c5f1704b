using BenchmarkDotNet.Attributes;
using SkiaSharp;
using TransferKit.Imaging;

namespace TransferKit.Benchmarks;

/// <summary>Measures the parts of feature extraction from a JPEG of 1,500 x 1,125 pixels at quality 90.</summary>
[MemoryDiagnoser]
public class ImageParts
{
    private const int Side = 224;
    private readonly byte[] _fitted = new byte[Side * Side * 3];
    private readonly float[] _planar = new float[Side * Side * 3];
    private readonly ImageFitting _exact = new ImageLoadOptions { Interpolation = Interpolation.Bicubic }.FittingTo(new(Side, Side));
    private readonly ImageFitting _fast =
        new ImageLoadOptions { Interpolation = Interpolation.Bicubic, Decode = new() { Draft = true } }.FittingTo(new(Side, Side));
    private readonly string _path = Path.GetTempFileName();
    private RgbImage _image = RgbImage.FromRgb24(1, 1, new byte[3]);

    [GlobalSetup]
    public void MakePhoto()
    {
        using var photo = new SKBitmap(new SKImageInfo(1500, 1125, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(photo))
        using (var noise = SKShader.CreatePerlinNoiseFractalNoise(0.02f, 0.02f, 4, 1))
        using (var paint = new SKPaint { Shader = noise })
            canvas.DrawPaint(paint);
        using var jpeg = photo.Encode(SKEncodedImageFormat.Jpeg, 90);
        File.WriteAllBytes(_path, jpeg.ToArray());
        _image = RgbImage.Load(_path);
    }

    [GlobalCleanup]
    public void DeletePhoto() => File.Delete(_path);

    [Benchmark]
    public RgbImage Decode() => RgbImage.Load(_path);

    [Benchmark]
    public RgbImage Resize() => _image.Resize(Side, Side, Interpolation.Bicubic);

    [Benchmark]
    public void DecodeAndResize() => Fit(_exact);

    [Benchmark]
    public void DecodeFastAndResize() => Fit(_fast);

    [Benchmark]
    public void PreprocessToPlanes() => Preprocess.ToPlanar(_fitted, _planar, 1, Side, Side, PreprocessMode.Tf);

    private void Fit(ImageFitting fitting)
    {
        using var file = fitting.Read(_path);
        fitting.Decode(file, _fitted, CancellationToken.None);
    }
}

/// <summary>Measures a backbone: its load from the cache of compiled models, and its runs.</summary>
[MemoryDiagnoser]
public class EngineParts
{
    private readonly string _cache = Directory.CreateTempSubdirectory("transferkit-").FullName;
    private IBackbone? _backbone;
    private byte[] _pixels = [];
    private float[] _features = [];

    [Params("mobilenet_v2", "resnet50")]
    public string Name { get; set; } = "";

    [GlobalSetup]
    public void Open()
    {
        _backbone = Load();
        _pixels = new byte[8 * _backbone.InputSize.Height * _backbone.InputSize.Width * 3];
        _features = new float[8 * _backbone.Outputs[0].Shape[0]];
    }

    [GlobalCleanup]
    public void Close()
    {
        _backbone?.Dispose();
        Directory.Delete(_cache, recursive: true);
    }

    [Benchmark(Description = "Load")]
    public void LoadAndDispose() => Load().Dispose();

    [Benchmark(OperationsPerInvoke = 8)]
    public void RunEightImages() => _backbone!.Predict(_pixels, _features);

    private IBackbone Load() => Backbone.Load(Name, new()
    {
        IncludeTop = false,
        Pooling = Pooling.Avg,
        Weights = Weights.Random(1),
        Store = new() { CacheDirectory = _cache },
    });
}

using TransferKit.Backbones;
using TransferKit.SideBySide;

namespace TransferKit.OtherEngines;

/// <summary>Represents a backbone with pooled features, and a plain <c>.onnx</c> file of the same weights for other engines.</summary>
internal sealed class Network : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-engines-").FullName;
    private readonly BackbonePlan _plan;

    public Network(string name)
    {
        Name = name;
        Options = new() { IncludeTop = false, Pooling = Pooling.Avg, Weights = Weights.Random(1), CacheCompiledModel = false };
        _plan = BackbonePlan.Of(name, Options);
        if (Preprocess is not (PreprocessMode.Caffe or PreprocessMode.Tf))
            throw new NotSupportedException($"{name} prepares pixels in another way than the other engines' image functions can.");
        PlainPath = Path.Combine(_folder, $"{name}.onnx");
        PlainModel.Write(_plan, PlainPath);
    }

    public string Name { get; }
    public BackboneOptions Options { get; }
    public string PlainPath { get; }
    public int Height => _plan.InputSize.Height;
    public int Width => _plan.InputSize.Width;
    public PreprocessMode Preprocess => _plan.Preprocess;
    public string InputName => _plan.Graph.Input.Name;
    public string OutputName => _plan.Outputs[0].Name;

    /// <summary>Gets the number of values of a preprocessed image.</summary>
    public int ImageLength => 3 * Height * Width;

    /// <summary>Gets whether the first plane is blue.</summary>
    public bool IsBlueFirst => Preprocess == PreprocessMode.Caffe;

    /// <summary>Gets the numbers that Keras' preprocessing subtracts from each plane.</summary>
    public float[] Means => IsBlueFirst ? [103.939f, 116.779f, 123.68f] : [127.5f, 127.5f, 127.5f];

    /// <summary>Gets the factor of the differences.</summary>
    public float Scale => IsBlueFirst ? 1 : 1 / 127.5f;

    public PreparedBatch RandomBatch(int count)
    {
        var pixels = new byte[count * ImageLength];
        new Random(1).NextBytes(pixels);
        var planar = new float[pixels.Length];
        Prepare(pixels, planar, count);
        return new(count, pixels, planar);
    }

    /// <summary>Converts RGB pixels to preprocessed planes.</summary>
    public void Prepare(ReadOnlySpan<byte> pixels, Span<float> planar, int count) =>
        TransferKit.Preprocess.ToPlanar(pixels, planar, count, Height, Width, Preprocess);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

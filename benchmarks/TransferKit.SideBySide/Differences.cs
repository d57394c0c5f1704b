using System.Globalization;
using System.Numerics.Tensors;
using TransferKit.ImageSharp;

namespace TransferKit.SideBySide;

/// <summary>
/// Measures how far the features of MobileNetV2's real weights move where a program prepares pictures otherwise than Keras' <c>load_img</c>
/// and <c>preprocess_input</c>. The numbers depend on no machine's speed.
/// </summary>
internal static class Differences
{
    private static readonly ImageLoadOptions Usual = new() { Interpolation = Interpolation.Bicubic };

    public static void Run()
    {
        using var photos = new Photos();
        using var backbone = Load(PreprocessMode.Tf);
        using var unscaled = Load(PreprocessMode.None);
        using var caffe = Load(PreprocessMode.Caffe);
        (string What, Func<string, FeatureTensor> Features)[] others =
        [
            ("`nearest` instead of `bicubic`", p => backbone.Predict(p, Usual with { Interpolation = Interpolation.Nearest })),
            ("`bilinear` instead of `bicubic`", p => backbone.Predict(p, Usual with { Interpolation = Interpolation.Bilinear })),
            ("TensorFlow's bilinear (`image_dataset_from_directory`)",
                p => backbone.Predict(p, new ImageLoadOptions { Resize = ResizeMethod.ImageDatasetFromDirectory })),
            ("blue first (OpenCV's order)", p => backbone.Predict(Swapped(RgbImage.Load(p)), Usual)),
            ("pixels 0..255 without `preprocess_input`", p => unscaled.Predict(p, Usual)),
            ("another network's `preprocess_input` (`caffe`)", p => caffe.Predict(p, Usual)),
            ("the centre cropped instead of the whole stretched", p => backbone.Predict(p, Usual with { AspectRatio = AspectRatio.Crop })),
            ("a photo on its side (EXIF orientation applied or not)", p => backbone.Predict(Turned(RgbImage.Load(p)), Usual)),
            ("another JPEG decoder (ImageSharp)", p => backbone.Predict(p, Usual with { Decoder = new ImageSharpDecoder() })),
            ("libjpeg's fast transform (TensorFlow's)",
                p => backbone.Predict(p, Usual with { Decode = new() { DctMethod = DctMethod.IntegerFast } })),
            ("Pillow's `draft`", p => backbone.Predict(p, Usual with { Decode = new() { Draft = true } })),
        ];

        string[] pictures = [.. Photos.Samples.Take(4), .. photos.Files.Take(20)];
        var table = new Table("what differs", "cosine of features, mean", "least");
        foreach (var (what, features) in others)
        {
            double[] cosines =
                [.. pictures.Select(p => (double)TensorPrimitives.CosineSimilarity(backbone.Predict(p, Usual)[0], features(p)[0]))];
            table.Add(what, Text(cosines.Average()), Text(cosines.Min()));
        }
    }

    private static IBackbone Load(PreprocessMode preprocess) => Backbone.Load("mobilenet_v2", new()
    {
        IncludeTop = false,
        Pooling = Pooling.Avg,
        Alpha = 0.35,
        Weights = MobileNetV2Weights.Alpha035NoTop,
        Preprocess = preprocess,
        CacheCompiledModel = false,
    });

    private static RgbImage Swapped(RgbImage image)
    {
        var pixels = image.Pixels.ToArray();
        for (var i = 0; i < pixels.Length; i += 3)
            (pixels[i], pixels[i + 2]) = (pixels[i + 2], pixels[i]);
        return RgbImage.FromRgb24(image.Width, image.Height, pixels);
    }

    private static RgbImage Turned(RgbImage image)
    {
        var from = image.Pixels.Span;
        var to = new byte[from.Length];
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
                from.Slice(3 * (y * image.Width + x), 3).CopyTo(to.AsSpan(3 * (x * image.Height + image.Height - 1 - y)));
        }
        return RgbImage.FromRgb24(image.Height, image.Width, to);
    }

    private static string Text(double cosine) => cosine.ToString("0.0000", CultureInfo.InvariantCulture);
}

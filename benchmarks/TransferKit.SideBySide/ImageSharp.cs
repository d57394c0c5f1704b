using System.Diagnostics;
using System.Numerics.Tensors;
using TransferKit.ImageSharp;

namespace TransferKit.SideBySide;

/// <summary>Compares the default decoder with ImageSharp's: time, pixels and the features of MobileNetV2's real weights.</summary>
internal static class ImageSharp
{
    private const int Turns = 7;

    public static void Run()
    {
        using var photos = new Photos();
        using var backbone = Backbone.Load("mobilenet_v2", new()
        {
            IncludeTop = false,
            Pooling = Pooling.Avg,
            Alpha = 0.35,
            Weights = MobileNetV2Weights.Alpha035NoTop,
            CacheCompiledModel = false,
        });
        var table = new Table(
            "picture", "TransferKit, ms", "ImageSharp, ms", "ImageSharp / TransferKit, median of turns", "bytes that differ, %",
            "largest difference",
            "cosine of features");
        var usual = new ImageLoadOptions { Interpolation = Interpolation.Bicubic };
        var other = usual with { Decoder = new ImageSharpDecoder() };
        foreach (var path in (string[])[.. Photos.Samples, photos.Files[^1]])
        {
            var (expected, actual) = (RgbImage.Load(path), RgbImage.Load(path, decoder: other.Decoder));
            var differences = expected.Pixels.ToArray().Zip(actual.Pixels.ToArray(), (e, a) => Math.Abs(e - a)).ToArray();
            var (ours, theirs) = (new List<double>(), new List<double>());
            for (var turn = -1; turn < Turns; turn++)
            {
                var (mine, others) = (Milliseconds(path, usual.Decoder), Milliseconds(path, other.Decoder));
                if (turn < 0)
                    continue;
                ours.Add(mine);
                theirs.Add(others);
            }
            table.Add(
                Path.GetFileName(path) is var name && path == photos.Files[^1] ? "a photo, 4:2:0" : name!,
                Speed.Median(ours), Speed.Median(theirs), Speed.Median(theirs.Zip(ours, (t, o) => t / o)),
                100.0 * differences.Count(d => d > 0) / differences.Length, (double)differences.Max(),
                $"{TensorPrimitives.CosineSimilarity(backbone.Predict(path, usual)[0], backbone.Predict(path, other)[0]):0.00000}");
        }
    }

    private static double Milliseconds(string path, IImageDecoder decoder)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 3; i++)
            RgbImage.Load(path, decoder: decoder);
        return clock.Elapsed.TotalMilliseconds / 3;
    }
}

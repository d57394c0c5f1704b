using System.Diagnostics;

namespace TransferKit.SideBySide;

/// <summary>
/// Compares feature extraction from a folder of JPEGs with a bound from its parts, measured alone. The bound is
/// cores / (decode + resize seconds per image on one core + engine seconds per image x cores). Parts and whole run in turn,
/// and the ratio is the median of the turns.
/// </summary>
internal static class Pipeline
{
    private const int Turns = 7;
    private const int Images = 600;
    private const int EngineBatch = 64;

    /// <param name="names">Names of the networks.</param>
    /// <param name="isInt8">Whether the networks run in int8.</param>
    /// <param name="json">The path of a JSON file for the rows, or null for none.</param>
    public static void Run(IEnumerable<string> names, bool isInt8, string? json)
    {
        using var photos = new Photos();
        var folder = photos.Folder(Images);
        var table = new Table(
            "network", "decode + resize on one core, ms", "engine, ms", "bound, images/s", "folder, images/s", "of the bound",
            "with Decode.Draft, images/s", "draft: decode + resize, ms", "into a feature set, of .npz");
        foreach (var name in names)
        {
            var options = new BackboneOptions
            {
                IncludeTop = false,
                Pooling = Pooling.Avg,
                Weights = Weights.Random(1),
                CacheCompiledModel = false,
            };
            using var floats = Backbone.Load(name, options);
            var inInt8 = options with { Precision = Precision.Int8, Calibration = Calibration.Of(Int8.Noise(floats.InputSize)) };
            using var int8 = isInt8 ? Backbone.Load(name, inInt8) : null;
            var backbone = int8 ?? floats;
            var turns = Enumerable.Range(-1, Turns + 1).Select(_ => OneTurn(backbone, photos.Files, folder)).Skip(1).ToArray();
            double Median(Func<Turn, double> of) => Speed.Median(turns.Select(of));
            table.Add(
                isInt8 ? $"{name}, int8" : name, Median(t => t.Decode * 1e3), Median(t => t.Engine * 1e3), Median(t => t.Bound),
                Median(t => t.Folder), Median(t => t.Folder / t.Bound),
                Median(t => t.DraftFolder), Median(t => t.Draft * 1e3), Median(t => t.Set / t.Folder));
        }
        table.Save(json);
    }

    private static Turn OneTurn(IBackbone backbone, IReadOnlyList<string> files, string folder) => new(
        Decode(backbone, files, new()), Engine(backbone), Folder(backbone, folder, new()),
        Decode(backbone, files, new() { Draft = true }), Folder(backbone, folder, new() { Draft = true }),
        Set(backbone, folder));

    private static double Decode(IBackbone backbone, IReadOnlyList<string> files, ImageDecodeOptions decode)
    {
        var images = Bicubic(decode).FittingTo(backbone.InputSize);
        var pixels = new byte[images.Length];
        return Seconds(() =>
        {
            foreach (var path in files)
            {
                using var file = images.ReadListed(path);
                images.Decode(file, pixels, CancellationToken.None);
            }
        }) / files.Count;
    }

    private static double Engine(IBackbone backbone)
    {
        var pixels = new byte[EngineBatch * backbone.InputSize.Height * backbone.InputSize.Width * 3];
        new Random(1).NextBytes(pixels);
        var features = new float[EngineBatch * backbone.Outputs[0].Shape[0]];
        backbone.Predict(pixels, features);
        return Seconds(() => backbone.Predict(pixels, features)) / EngineBatch;
    }

    private static double Folder(IBackbone backbone, string folder, ImageDecodeOptions decode)
    {
        var target = Path.Combine(folder, "..", "features.npz");
        return Images / Seconds(() => new FeatureExtractor(backbone, new() { Images = Bicubic(decode) }).Extract(folder, target));
    }

    private static double Set(IBackbone backbone, string folder)
    {
        var target = Path.Combine(folder, "..", "features");
        if (Directory.Exists(target))
            Directory.Delete(target, recursive: true);
        var extractor = new FeatureExtractor(backbone, new() { Images = Bicubic(new()) });
        return Images / Seconds(() => extractor.ExtractSetAsync(folder, target).GetAwaiter().GetResult());
    }

    private static ImageLoadOptions Bicubic(ImageDecodeOptions decode) => new() { Interpolation = Interpolation.Bicubic, Decode = decode };

    private static double Seconds(Action work)
    {
        var clock = Stopwatch.StartNew();
        work();
        return clock.Elapsed.TotalSeconds;
    }

    private sealed record Turn(double Decode, double Engine, double Folder, double Draft, double DraftFolder, double Set)
    {
        public double Bound => Environment.ProcessorCount / (Decode + Engine * Environment.ProcessorCount);
    }
}

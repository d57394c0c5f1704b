using System.Diagnostics;
using System.Globalization;

namespace TransferKit.SideBySide;

/// <summary>
/// Measures how the cost of an extraction grows with the number of photos and with the batch size. Each extraction is a process of its
/// own, which measures decoding, resizing and the engine alone afterwards; the rest of its processor time is the share outside.
/// </summary>
internal static class Growth
{
    private const string Network = "mobilenet_v2";
    private const int BatchPhotos = 256;
    private const int EngineBatch = 64;
    private static readonly ImageLoadOptions Images = new() { Interpolation = Interpolation.Bicubic };

    /// <param name="most">The largest number of photos.</param>
    /// <param name="svg">The path of the plot, or null for none.</param>
    /// <param name="json">The path of a JSON file for the rows, or null for none.</param>
    public static void Run(int most, string? svg, string? json)
    {
        using var photos = new Photos();
        var table = new Table(
            "photos", "batch size", "seconds", "processor, s", "processor for a photo, ms", "outside the parts", "peak memory, MB");
        var (counts, batches) = (new List<(int Count, Cost Cost)>(), new List<(int Size, Cost Cost)>());
        for (var count = 1; count <= most; count *= 10)
        {
            counts.Add((count, Child(photos.Folder(count), batchSize: 0)));
            Add(count, "by itself", counts[^1].Cost);
        }
        var folder = photos.Folder(BatchPhotos);
        for (var size = 1; size <= EngineBatch; size *= 2)
        {
            batches.Add((size, Child(folder, size)));
            Add(BatchPhotos, size, batches[^1].Cost);
        }
        table.Save(json);
        if (svg is not null)
        {
            LogPlot.Write(
                svg,
                new("processor seconds", "photos", [.. counts.Select(c => ((double)c.Count, c.Cost.Processor))]),
                new("peak memory, MB", "photos", [.. counts.Select(c => ((double)c.Count, c.Cost.Peak / 1e6))]),
                new("processor for a photo, ms", "batch size",
                    [.. batches.Select(b => ((double)b.Size, b.Cost.Processor / BatchPhotos * 1e3))]));
        }

        void Add(int count, object size, Cost cost) => table.Add(
            count, size, cost.Seconds, cost.Processor, cost.Processor / count * 1e3, $"{1 - cost.Parts * count / cost.Processor:P0}",
            cost.Peak / 1e6);
    }

    /// <summary>Runs the child process.</summary>
    public static void RunOne(string folder, int batchSize)
    {
        using var backbone = Backbone.Load(Network, new()
        {
            IncludeTop = false,
            Pooling = Pooling.Avg,
            Weights = Weights.Random(1),
            CacheCompiledModel = false,
        });
        var extractor = new FeatureExtractor(backbone, new() { Images = Images, BatchSize = batchSize > 0 ? batchSize : null });
        var clock = Stopwatch.StartNew();
        var processor = Processor(() => extractor.Extract(folder, Path.Combine(folder, "..", "features.npz")));
        var seconds = clock.Elapsed.TotalSeconds;
        using var self = Process.GetCurrentProcess();
        var peak = self.PeakWorkingSet64;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds} {processor} {Parts(backbone, folder)} {peak}"));
    }

    // The processor time for one photo of what no program could leave out.
    private static double Parts(IBackbone backbone, string folder)
    {
        var files = Directory.GetFiles(folder).Take(EngineBatch).ToArray();
        var fitting = Images.FittingTo(backbone.InputSize);
        var pixels = new byte[fitting.Length];
        var decoding = Processor(() =>
        {
            foreach (var path in files)
            {
                using var file = fitting.ReadListed(path);
                fitting.Decode(file, pixels, CancellationToken.None);
            }
        }) / files.Length;
        var batch = Speed.Noise(backbone, EngineBatch);
        backbone.Predict(batch);
        return decoding + Processor(() => backbone.Predict(batch)) / EngineBatch;
    }

    private static double Processor(Action work)
    {
        var start = Environment.CpuUsage.TotalTime;
        work();
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    private static Cost Child(string folder, int batchSize)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["growth-of", folder, $"{batchSize}"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var figures = process.StandardOutput.ReadToEnd().Split(' ').Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        process.WaitForExit();
        return new(figures[0], figures[1], figures[2], figures[3]);
    }

    private sealed record Cost(double Seconds, double Processor, double Parts, double Peak);
}

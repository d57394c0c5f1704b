using System.Diagnostics;
using System.Globalization;

namespace TransferKit.SideBySide;

/// <summary>
/// Compares the peak memory of a process that extracts 10,000 photos with one of 100, and measures allocations per photo.
/// The processes use the tool's runtime settings, without profile-guided recompilation.
/// </summary>
internal static class PipelineMemory
{
    private const int Few = 100;
    private const int Many = 10_000;

    public static void Run(IEnumerable<string> names, string? json)
    {
        using var photos = new Photos();
        var (few, many) = (photos.Folder(Few), photos.Folder(Many));
        var table = new Table(
            "network", $"peak, {Few} images, MB", $"peak, {Many} images, MB", "ratio", "managed bytes allocated per image between");
        foreach (var name in names)
        {
            var (a, b) = (Child(name, few), Child(name, many));
            table.Add(name, a.Peak / 1e6, b.Peak / 1e6, b.Peak / a.Peak, (b.Allocated - a.Allocated) / (Many - Few));
        }
        table.Save(json);
    }

    /// <summary>Runs the child process.</summary>
    public static void RunOne(string name, string folder)
    {
        using var backbone = Backbone.Load(name, new()
        {
            IncludeTop = false,
            Pooling = Pooling.Avg,
            Weights = Weights.Random(1),
            CacheCompiledModel = false,
        });
        var extractor = new FeatureExtractor(backbone, new() { Images = new() { Interpolation = Interpolation.Bicubic } });
        extractor.Extract(folder, Path.Combine(folder, "..", "features.npz"));
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{self.PeakWorkingSet64} {GC.GetTotalAllocatedBytes(precise: true)}"));
    }

    private static (double Peak, double Allocated) Child(string name, string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["pipeline-memory-of", name, folder]) { RedirectStandardOutput = true };
        start.Environment.TryAdd("DOTNET_TieredPGO", "0");
        using var process = Process.Start(start)!;
        var figures = process.StandardOutput.ReadToEnd().Split(' ').Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        process.WaitForExit();
        return (figures[0], figures[1]);
    }
}

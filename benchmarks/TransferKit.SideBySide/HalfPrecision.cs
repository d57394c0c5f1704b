using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;

namespace TransferKit.SideBySide;

/// <summary>
/// <see cref="Precision.Float16"/> against floats, random weights: speed in turn; load, memory and compiled size of processes of their own that
/// load from the cache and run one image; the exported file; and the likeness of what comes out, before the softmax.
/// </summary>
internal static class HalfPrecision
{
    private const int Loads = 5;

    private static readonly Precision[] Both = [Precision.Float16, Precision.Float32];

    public static void Speed(IEnumerable<string> names)
    {
        Console.WriteLine("| network, with top | batch | float16, images/s | floats, images/s | ratio, median of pairs |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var name in names)
        {
            using var halves = Backbone.Load(name, Random(Precision.Float16));
            using var floats = Backbone.Load(name, Random(Precision.Float32));
            SideBySide.Speed.Compare(name, halves, floats);
        }
    }

    public static void Memory(IEnumerable<string> names)
    {
        var table = new Table("network, with top", "precision", "load to the first vector, ms", "private, MB", "mapped, MB", "compiled, MB", "exported, MB", "cosine to floats", "exported, cosine");
        foreach (var name in names)
        {
            foreach (var precision in Both)
                AddRow(table, name, precision);
        }
    }

    public static void RunOne(string name, Precision precision, string folder)
    {
        // The first fills caches and compiles code.
        using (var first = Backbone.Load(name, Cached(precision, folder)))
            first.Predict(SideBySide.Speed.Noise(first, 1));
        var clock = Stopwatch.StartNew();
        using (var backbone = Backbone.Load(name, Cached(precision, folder)))
        {
            backbone.Predict(SideBySide.Speed.Noise(backbone, 1));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalMilliseconds} {Status("RssAnon")} {Status("RssFile")}"));
        }
    }

    private static void AddRow(Table table, string name, Precision precision)
    {
        var folder = Directory.CreateTempSubdirectory("transferkit-half-").FullName;
        Load.SaveAsDownloaded(BackbonePlan.Of(name, Random(precision)), folder);
        var exported = Path.Combine(folder, "exported.onnx");
        Backbone.ExportOnnx(name, exported, Cached(precision, folder));
        double[][] runs = [.. Enumerable.Range(0, Loads).Select(_ => Child(name, precision, folder))];
        var compiled = new DirectoryInfo(Path.Combine(folder, "transferkit")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);

        double Median(int column) => SideBySide.Speed.Median(runs.Select(r => r[column]));
        table.Add(
            name, precision.ToString().ToLowerInvariant(), Median(0), Median(1), Median(2), compiled / 1e6, new FileInfo(exported).Length / 1e6,
            Cosine(name, Random(precision)), Cosine(name, Random(precision) with { ConfigureSession = _ => { } }));
        Directory.Delete(folder, recursive: true);
    }

    // A session of the user's runs what is exported.
    private static string Cosine(string name, BackboneOptions options)
    {
        using var ours = Backbone.Load(name, options);
        using var floats = Backbone.Load(name, Random(Precision.Float32));
        var pixels = SideBySide.Speed.Noise(ours, 1);
        return TensorPrimitives.CosineSimilarity(Numbers(ours), Numbers(floats)).ToString("0.00000000", CultureInfo.InvariantCulture);

        double[] Numbers(IBackbone backbone) => Array.ConvertAll(backbone.Predict(pixels).ToArray(), v => (double)v);
    }

    private static BackboneOptions Random(Precision precision) =>
        new() { Weights = Weights.Random(1), ClassifierActivation = ClassifierActivation.None, CacheCompiledModel = false, Precision = precision };

    private static BackboneOptions Cached(Precision precision, string folder) =>
        Random(precision) with { Weights = Weights.ImageNet, Store = new() { CacheDirectory = folder, Offline = true }, CacheCompiledModel = true };

    private static double[] Child(string name, Precision precision, string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["half-of", name, precision.ToString(), folder]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return [.. line.Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture))];
    }

    // Linux tells kilobytes.
    private static double Status(string field) =>
        double.Parse(File.ReadLines("/proc/self/status").Single(l => l.StartsWith(field, StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6;
}

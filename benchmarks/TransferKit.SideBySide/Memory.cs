using System.Diagnostics;
using System.Globalization;
using TransferKit.Architectures;
using TransferKit.Backbones;

namespace TransferKit.SideBySide;

/// <summary>Measures the peak resident memory of a child process that loads a cached backbone with its top and runs one image.</summary>
internal static class Memory
{
    public static void Run(IEnumerable<string> names)
    {
        Console.WriteLine("| network, with top | weights, MB | activations, largest layer and its inputs, MB "
            + "| peak of the process, MB | beyond both, MB |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var name in names)
        {
            Directory.CreateDirectory(Folder);
            Backbone.SaveWeights(name, WeightsFile, new() { Weights = Weights.Random(1) });
            // The first process compiles into the cache; the second is measured.
            Child(name);
            var peak = Child(name);
            var graph = BackbonePlan.Of(name, Options).Graph;
            var weights = graph.TotalParameters * 4 / 1e6;
            var activations = graph.Layers.Max(l => l.OutputShape.Count + l.Inputs.Sum(i => i.OutputShape.Count)) * 4 / 1e6;
            Console.WriteLine($"| {name} | {weights:0} | {activations:0} | {peak:0} | {peak - weights - activations:0} |");
        }
        Directory.Delete(Folder, recursive: true);
    }

    public static void RunOne(string name)
    {
        using (var backbone = Backbone.Load(name, Options))
            backbone.Predict(new byte[backbone.InputSize.Height * backbone.InputSize.Width * 3]);
        using var self = Process.GetCurrentProcess();
        Console.WriteLine((self.PeakWorkingSet64 / 1e6).ToString(CultureInfo.InvariantCulture));
    }

    private static string Folder => Path.Combine(Path.GetTempPath(), "transferkit-memory");

    private static string WeightsFile => Path.Combine(Folder, "weights.h5");

    private static BackboneOptions Options => new() { Weights = Weights.File(WeightsFile), Store = new() { CacheDirectory = Folder } };

    private static double Child(string name)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["memory-of", name]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return double.Parse(line, CultureInfo.InvariantCulture);
    }
}

using System.Diagnostics;
using TransferKit.Backbones;
using TransferKit.WeightSources.Store;

namespace TransferKit.SideBySide;

/// <summary>
/// Measures the time from a cached backbone to its first vector. In turn, ONNX Runtime does the same with one .onnx file, and
/// with the file that its optimiser saved.
/// </summary>
internal static class Load
{
    private const int Rounds = 15;

    public static void Run(IEnumerable<string> names)
    {
        Console.WriteLine(
            "| network | TransferKit, ms | one .onnx file, ms | its own optimised file, ms | ratio of speeds to the one | to the other |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        var folder = Directory.CreateTempSubdirectory("transferkit-load-").FullName;
        foreach (var name in names)
        {
            var (plan, plain, optimised) = Prepare(name, folder);
            var options = OutOf(folder);
            var (h, w) = (plan.InputSize.Height, plan.InputSize.Width);
            var (pixels, planar) = (new byte[h * w * 3], new float[h * w * 3]);
            Action[] loads =
            [
                () =>
                {
                    using var backbone = Backbone.Load(name, options);
                    backbone.Predict(pixels);
                },
                () => Predict(plain, planar, [1, 3, h, w]),
                () => Predict(optimised, planar, [1, 3, h, w]),
            ];
            var times = loads.Select(_ => new List<double>()).ToArray();
            for (var round = -1; round < Rounds; round++)
            {
                // The order alternates, so that a drift of the machine's speed favours no contestant.
                for (var i = 0; i < loads.Length; i++)
                {
                    var who = (i + round + 1) % loads.Length;
                    var time = Milliseconds(loads[who]);
                    if (round >= 0)
                        times[who].Add(time);
                }
            }
            Console.WriteLine(
                $"| {name} | {Speed.Median(times[0]):0} | {Speed.Median(times[1]):0} | {Speed.Median(times[2]):0} "
                + $"| {Speed.Median(times[1].Zip(times[0], (t, o) => t / o)):0.00} "
                + $"| {Speed.Median(times[2].Zip(times[0], (t, o) => t / o)):0.00} |");
        }
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Creates a cache with weights, and the files for ONNX Runtime alone.</summary>
    public static (BackbonePlan Plan, string Plain, string Optimised) Prepare(string name, string folder)
    {
        var plan = BackbonePlan.Of(name, OutOf(folder) with { Weights = Weights.Random(1) });
        var (plain, optimised) = (Path.Combine(folder, "plain.onnx"), Path.Combine(folder, "optimised.onnx"));
        SaveAsDownloaded(plan, folder);
        PlainModel.Write(plan, plain);
        PlainModel.WriteOptimised(plain, optimised);
        return (plan, plain, optimised);
    }

    /// <summary>Gets options of a pooled backbone without its top from that cache.</summary>
    public static BackboneOptions OutOf(string folder) =>
        new() { IncludeTop = false, Pooling = Pooling.Avg, Store = new() { CacheDirectory = folder, Offline = true } };

    // The cache looks like one after a verified download: random weights have Keras' file name and a verification note.
    public static void SaveAsDownloaded(BackbonePlan plan, string folder)
    {
        var entry = plan.PublishedWeights!;
        var paths = new CachePaths(folder, entry.File);
        Backbone.SaveWeights(plan.Architecture.Name, paths.Target, plan.Options);
        var info = new FileInfo(paths.Target);
        JsonFile.Write(
            paths.Sidecar, new(info.Length, info.LastWriteTimeUtc.Ticks, $"{entry.HashKind}:{entry.Hash}"), StoreJson.Default.VerifiedNote);
    }

    private static void Predict(string path, float[] planar, long[] shape)
    {
        using var model = new PlainModel(path);
        model.Run(planar, shape);
    }

    /// <summary>Gets the time of an action, after a garbage collection.</summary>
    public static double Milliseconds(Action load)
    {
        GC.Collect();
        var clock = Stopwatch.StartNew();
        load();
        return clock.Elapsed.TotalMilliseconds;
    }
}

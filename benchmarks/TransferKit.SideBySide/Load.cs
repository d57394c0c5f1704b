using System.Diagnostics;

namespace TransferKit.SideBySide;

/// <summary>A backbone out of the cache to its first vector, against ONNX Runtime with one .onnx file, in turn.</summary>
internal static class Load
{
    private const int Pairs = 9;

    public static void Run(IEnumerable<string> names)
    {
        Console.WriteLine("| network | TransferKit, ms | one .onnx file, ms | ratio of speeds, median of pairs |");
        Console.WriteLine("| --- | --- | --- | --- |");
        var folder = Directory.CreateTempSubdirectory("transferkit-load-").FullName;
        foreach (var name in names)
        {
            var options = new BackboneOptions
            {
                IncludeTop = false, Pooling = Pooling.Avg, Weights = Weights.Random(1), Store = new() { CacheDirectory = folder },
            };
            var plan = BackbonePlan.Of(name, options);
            var path = Path.Combine(folder, $"{name}-plain.onnx");
            PlainModel.Write(plan, path);
            var (h, w) = (plan.InputSize.Height, plan.InputSize.Width);
            var (pixels, planar) = (new byte[h * w * 3], new float[h * w * 3]);
            var ours = new List<double>();
            var theirs = new List<double>();
            for (var pair = -1; pair < Pairs; pair++)
            {
                var a = Milliseconds(() =>
                {
                    using var backbone = Backbone.Load(name, options);
                    backbone.Predict(pixels);
                });
                var b = Milliseconds(() =>
                {
                    using var plain = new PlainModel(path);
                    plain.Run(planar, [1, 3, h, w]);
                });
                if (pair < 0)
                    continue;
                ours.Add(a);
                theirs.Add(b);
            }
            Console.WriteLine($"| {name} | {Speed.Median(ours):0} | {Speed.Median(theirs):0} | {Speed.Median(theirs.Zip(ours, (t, o) => t / o)):0.00} |");
        }
        Directory.Delete(folder, recursive: true);
    }

    private static double Milliseconds(Action load)
    {
        GC.Collect();
        var clock = Stopwatch.StartNew();
        load();
        return clock.Elapsed.TotalMilliseconds;
    }
}

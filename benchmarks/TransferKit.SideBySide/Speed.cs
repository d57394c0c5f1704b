using System.Diagnostics;

namespace TransferKit.SideBySide;

/// <summary>Images a second of <see cref="IBackbone.Predict(ReadOnlySpan{byte}, CancellationToken)"/> against the plain model, in turn.</summary>
internal static class Speed
{
    private const int Pairs = 9;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(0.7);

    public static void Run(IEnumerable<string> names)
    {
        Console.WriteLine("| network | batch | TransferKit, images/s | plain ONNX Runtime, images/s | ratio, median of pairs |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var name in names)
        {
            var options = new BackboneOptions { IncludeTop = false, Pooling = Pooling.Avg, Weights = Weights.Random(1), CacheCompiledModel = false };
            var plan = BackbonePlan.Of(name, options);
            var path = Path.Combine(Path.GetTempPath(), $"{name}-plain.onnx");
            PlainModel.Write(plan, path);
            using var plain = new PlainModel(path);
            using var backbone = Backbone.Load(name, options);
            foreach (var batch in new[] { 1, 8, 32 })
                Compare(name, backbone, plain, batch);
            File.Delete(path);
        }
    }

    private static void Compare(string name, IBackbone backbone, PlainModel plain, int batch)
    {
        var (h, w) = (backbone.InputSize.Height, backbone.InputSize.Width);
        var pixels = new byte[batch * h * w * 3];
        new Random(1).NextBytes(pixels);
        var planar = new float[pixels.Length];
        Preprocess.ToPlanar(pixels, planar, batch, h, w, backbone.Preprocess);
        var ours = new List<double>();
        var theirs = new List<double>();
        for (var pair = -1; pair < Pairs; pair++)
        {
            // Who goes first changes, so that a drift of the machine's speed favours neither.
            double a = 0, b;
            if (pair % 2 == 0)
                a = PerSecond(() => backbone.Predict(pixels), batch);
            b = PerSecond(() => plain.Run(planar, [batch, 3, h, w]), batch);
            if (pair % 2 != 0)
                a = PerSecond(() => backbone.Predict(pixels), batch);
            if (pair < 0)
                continue;
            ours.Add(a);
            theirs.Add(b);
        }
        var ratio = Median(ours.Zip(theirs, (a, b) => a / b));
        Console.WriteLine($"| {name} | {batch} | {Median(ours):0.0} | {Median(theirs):0.0} | {ratio:0.00} |");
    }

    private static double PerSecond(Action run, int batch)
    {
        run();
        var clock = Stopwatch.StartNew();
        var runs = 0;
        do
        {
            run();
            runs++;
        }
        while (clock.Elapsed < Turn);
        return runs * batch / clock.Elapsed.TotalSeconds;
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}

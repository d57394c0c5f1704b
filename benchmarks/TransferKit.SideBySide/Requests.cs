using System.Diagnostics;
using TransferKit.Backbones;

namespace TransferKit.SideBySide;

/// <summary>
/// Measures the load of a server: one caller per core with one image at a time, on a shared backbone or on one each. Plain
/// sessions run the same load in turn.
/// </summary>
internal static class Requests
{
    private const int Turns = 9;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);

    public static void Run(IEnumerable<string> names)
    {
        Console.WriteLine("| network | callers | models | TransferKit, images/s | plain ONNX Runtime, images/s | ratio, median of turns |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        var callers = Environment.ProcessorCount;
        foreach (var name in names)
        {
            var options =
                new BackboneOptions { IncludeTop = false, Pooling = Pooling.Avg, Weights = Weights.Random(1), CacheCompiledModel = false };
            var plan = BackbonePlan.Of(name, options);
            var path = Path.Combine(Path.GetTempPath(), $"{name}-plain.onnx");
            PlainModel.Write(plan, path);
            var plain = Enumerable.Range(0, callers).Select(_ => new PlainModel(path)).ToArray();
            var ours = Enumerable.Range(0, callers).Select(_ => Backbone.Load(name, options)).ToArray();
            File.Delete(path);
            var (h, w) = (plan.InputSize.Height, plan.InputSize.Width);
            var pixels = Speed.Noise(ours[0], 1);
            var planar = new float[pixels.Length];
            Preprocess.ToPlanar(pixels, planar, 1, h, w, plan.Preprocess);
            foreach (var models in new[] { 1, callers })
            {
                var (our, their) = (new List<double>(), new List<double>());
                for (var turn = -1; turn < Turns; turn++)
                {
                    var a = PerSecond(callers, caller => ours[caller % models].Predict(pixels));
                    var b = PerSecond(callers, caller => plain[caller % models].Run(planar, [1, 3, h, w]));
                    if (turn < 0)
                        continue;
                    our.Add(a);
                    their.Add(b);
                }
                Console.WriteLine(
                    $"| {name} | {callers} | {models} | {Speed.Median(our):0.0} | {Speed.Median(their):0.0} "
                    + $"| {Speed.Median(our.Zip(their, (a, b) => a / b)):0.00} |");
            }
            foreach (var model in ours)
                model.Dispose();
            foreach (var model in plain)
                model.Dispose();
        }
    }

    private static double PerSecond(int callers, Action<int> run)
    {
        Thread.Sleep(Speed.Rest);
        var (images, isOver) = (0, false);
        var threads = Enumerable.Range(0, callers).Select(caller => new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                run(caller);
                Interlocked.Increment(ref images);
            }
        })).ToArray();
        var clock = Stopwatch.StartNew();
        foreach (var thread in threads)
            thread.Start();
        Thread.Sleep(Turn);
        Volatile.Write(ref isOver, true);
        foreach (var thread in threads)
            thread.Join();
        return images / clock.Elapsed.TotalSeconds;
    }
}

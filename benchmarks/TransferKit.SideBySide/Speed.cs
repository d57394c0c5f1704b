using System.Diagnostics;
using TransferKit.Backbones;

namespace TransferKit.SideBySide;

/// <summary>
/// Compares images per second of <see cref="IBackbone.Predict(ReadOnlySpan{byte}, CancellationToken)"/> and the plain model, in turn.
/// </summary>
internal static class Speed
{
    private const int Pairs = 9;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(0.7);

    // Threads of a plain session spin for some time after a run, on cores that the next contestant needs.
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.1);

    // The first run after the other contestant's turn finds its weights outside the caches; a large network's turn must not consist of it.
    private const int LeastRuns = 2;

    /// <param name="names">The networks, or <c>all</c> for every application.</param>
    /// <param name="batches">The batch sizes.</param>
    public static void Run(IReadOnlyList<string> names, IReadOnlyList<int> batches)
    {
        Console.WriteLine("| network | batch | TransferKit, images/s | plain ONNX Runtime, images/s | ratio, median of pairs |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var name in names is ["all"] ? Backbone.All.Select(m => m.Name) : names)
        {
            // Users run models out of the cache, which maps the file that it keeps.
            var folder = Directory.CreateTempSubdirectory("transferkit-speed-").FullName;
            var options = Load.OutOf(folder);
            var plan = BackbonePlan.Of(name, options with { Weights = Weights.Random(1) });
            var path = Path.Combine(folder, "plain.onnx");
            PlainModel.Write(plan, path);
            Load.SaveAsDownloaded(plan, folder);
            using var plain = new PlainModel(path);
            using var backbone = Backbone.Load(name, options);
            foreach (var batch in batches)
            {
                var (h, w) = (backbone.InputSize.Height, backbone.InputSize.Width);
                var pixels = Noise(backbone, batch);
                var planar = new float[pixels.Length];
                Preprocess.ToPlanar(pixels, planar, batch, h, w, backbone.Preprocess);
                Compare(name, batch, () => backbone.Predict(pixels), () => plain.Run(planar, [batch, 3, h, w]));
            }
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Creates pixels for a batch.</summary>
    public static byte[] Noise(IBackbone backbone, int batch)
    {
        var pixels = new byte[batch * backbone.InputSize.Height * backbone.InputSize.Width * 3];
        new Random(1).NextBytes(pixels);
        return pixels;
    }

    private static void Compare(string name, int batch, Action runOurs, Action runTheirs)
    {
        var (ours, theirs, ratio) = Compare(batch, runOurs, runTheirs);
        Console.WriteLine($"| {name} | {batch} | {ours:0.0} | {theirs:0.0} | {ratio:0.00} |");
    }

    /// <summary>Runs two contestants in turn. Returns the median images a second of each, and the median ratio of the pairs.</summary>
    public static (double Ours, double Theirs, double Ratio) Compare(int batch, Action runOurs, Action runTheirs)
    {
        var ours = new List<double>();
        var theirs = new List<double>();
        for (var pair = -1; pair < Pairs; pair++)
        {
            // The order alternates, so that a drift of the machine's speed favours neither.
            double a = 0, b;
            if (pair % 2 == 0)
                a = PerSecond(runOurs, batch);
            b = PerSecond(runTheirs, batch);
            if (pair % 2 != 0)
                a = PerSecond(runOurs, batch);
            if (pair < 0)
                continue;
            ours.Add(a);
            theirs.Add(b);
        }
        return (Median(ours), Median(theirs), Median(ours.Zip(theirs, (a, b) => a / b)));
    }

    private static double PerSecond(Action run, int batch)
    {
        Thread.Sleep(Rest);
        RunsPerSecond(run, WarmUp, LeastRuns);
        return batch * RunsPerSecond(run, Turn, LeastRuns);
    }

    /// <summary>Returns the runs per second within the time, which the last run may exceed.</summary>
    public static double RunsPerSecond(Action run, TimeSpan time, int least)
    {
        var clock = Stopwatch.StartNew();
        var runs = 0;
        do
        {
            run();
            runs++;
        }
        while (clock.Elapsed < time || runs < least);
        return runs / clock.Elapsed.TotalSeconds;
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}

using System.Diagnostics;

namespace TransferKit.Cli;

/// <summary>
/// Measures how many images a second a backbone takes, from pixels to numbers. The batch sizes take turns, so that what
/// else the machine does meets all alike, and the median of the runs counts.
/// </summary>
internal static class BackboneSpeed
{
    private const int LeastRuns = 3;

    /// <param name="backbone">The backbone.</param>
    /// <param name="batchSizes">How many images run at once, each in turn.</param>
    /// <param name="time">How long to measure in all; each batch size runs at least three times whatever it takes.</param>
    /// <param name="cancellationToken">Stops between runs.</param>
    public static IReadOnlyList<Speed> Measure(
        IBackbone backbone, IReadOnlyList<int> batchSizes, TimeSpan time, CancellationToken cancellationToken)
    {
        var imageLength = backbone.InputSize.Height * backbone.InputSize.Width * 3;
        var pixels = new byte[batchSizes.Max() * imageLength];
        new Random(0).NextBytes(pixels);

        // The engine's first run of a size allocates its memory.
        foreach (var size in batchSizes)
            Run(size);

        var seconds = batchSizes.ToDictionary(size => size, _ => new List<double>());
        var all = Stopwatch.StartNew();
        for (var run = 0; run < LeastRuns || all.Elapsed < time; run++)
        {
            foreach (var size in batchSizes)
                seconds[size].Add(Run(size));
        }
        return [.. batchSizes.Select(size => new Speed(size, size / Median(seconds[size]), seconds[size].Count))];

        double Run(int size)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var clock = Stopwatch.StartNew();
            backbone.PredictAll(pixels.AsSpan(0, size * imageLength), cancellationToken);
            return clock.Elapsed.TotalSeconds;
        }
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return (values[(values.Count - 1) / 2] + values[values.Count / 2]) / 2;
    }
}

/// <summary>A measured speed.</summary>
/// <param name="BatchSize">How many images ran at once.</param>
/// <param name="ImagesPerSecond">By the median run.</param>
/// <param name="Runs">How many runs were measured.</param>
internal sealed record Speed(int BatchSize, double ImagesPerSecond, int Runs);

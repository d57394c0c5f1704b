using System.Diagnostics;

namespace TransferKit.Cli;

/// <summary>
/// Measures the images per second of a backbone, from pixels to features. The batch sizes take turns, so that other load on the
/// machine affects all alike. The median of the runs counts.
/// </summary>
internal static class BackboneSpeed
{
    private const int MinimumRuns = 3;

    /// <param name="backbone">The backbone to measure.</param>
    /// <param name="batchSizes">The batch sizes to measure.</param>
    /// <param name="time">The time to measure for. Each batch size runs at least three times.</param>
    /// <param name="cancellationToken">Token to cancel the measurement, between runs.</param>
    public static IReadOnlyList<Speed> Measure(
        IBackbone backbone, IReadOnlyList<int> batchSizes, TimeSpan time, CancellationToken cancellationToken)
    {
        var imageLength = backbone.InputSize.Height * backbone.InputSize.Width * 3;
        var pixels = new byte[batchSizes.Max() * imageLength];
        new Random(0).NextBytes(pixels);

        // The first run of a size is not measured: the engine allocates its memory.
        foreach (var size in batchSizes)
            Run(size);

        var seconds = batchSizes.ToDictionary(size => size, _ => new List<double>());
        var all = Stopwatch.StartNew();
        for (var run = 0; run < MinimumRuns || all.Elapsed < time; run++)
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

/// <summary>Represents a measured speed.</summary>
/// <param name="BatchSize">The number of images in a batch.</param>
/// <param name="ImagesPerSecond">The speed of the median run.</param>
/// <param name="Runs">The number of measured runs.</param>
internal sealed record Speed(int BatchSize, double ImagesPerSecond, int Runs);

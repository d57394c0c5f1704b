namespace TransferKit.Quantization;

/// <summary>Finds the range that bytes represent from the distribution of a value. Numbers outside the range are clipped.</summary>
internal static class RangeFinder
{
    // The percentile method clips this share of the numbers at each end.
    private const double Tail = 1e-4;

    // The entropy method shrinks the range by a fiftieth at a time, down to a fifth.
    private const int Steps = 50;
    private const int LeastSteps = 10;

    public static ValueRange Find(ActivationHistogram histogram, CalibrationMethod method) => method switch
    {
        CalibrationMethod.MinMax => new(histogram.Min, histogram.Max),
        CalibrationMethod.Percentile => Percentile(histogram),
        CalibrationMethod.Entropy => Entropy(histogram),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "The calibration method is not defined."),
    };

    private static ValueRange Percentile(ActivationHistogram histogram)
    {
        var counts = histogram.Counts;
        var total = Sum(counts);
        if (total == 0)
            return default;
        var most = (long)(total * Tail);
        var (low, high) = (0, counts.Length - 1);
        for (var below = counts[low]; below <= most; below += counts[low])
            low++;
        for (var above = counts[high]; above <= most; above += counts[high])
            high--;
        return Within(histogram, histogram.EdgeOf(low), histogram.EdgeOf(high + 1));
    }

    /// <summary>
    /// Finds the range with the least Kullback-Leibler divergence between the distribution of the numbers and that of their bytes.
    /// </summary>
    private static ValueRange Entropy(ActivationHistogram histogram)
    {
        var (best, least) = (new ValueRange(histogram.Min, histogram.Max), double.PositiveInfinity);
        for (var step = Steps; step >= LeastSteps; step--)
        {
            var range = Within(histogram, (double)histogram.Min * step / Steps, (double)histogram.Max * step / Steps);
            var divergence = Divergence(histogram, range.Min, range.Max);
            if (divergence < least)
                (best, least) = (range, divergence);
        }
        return best;
    }

    // Clipped numbers count at the edges of the range. A byte does not say where in its level a number was, so the numbers
    // are spread evenly over the level's bins that are not empty.
    private static double Divergence(ActivationHistogram histogram, float min, float max)
    {
        const int Levels = byte.MaxValue + 1;
        var counts = histogram.Counts;
        var (first, last) = (Inside(0, 1), Inside(counts.Length - 1, -1));
        if (first > last)
            return double.PositiveInfinity;

        Span<double> inLevel = stackalloc double[Levels];
        Span<int> binsOfLevel = stackalloc int[Levels];
        inLevel.Clear();
        binsOfLevel.Clear();
        var (total, inside) = (Sum(counts), 0.0);
        for (var bin = first; bin <= last; bin++)
        {
            if (counts[bin] == 0)
                continue;
            inside += counts[bin];
            inLevel[LevelOf(bin)] += counts[bin];
            binsOfLevel[LevelOf(bin)]++;
        }

        var divergence = 0.0;
        for (var bin = first; bin <= last; bin++)
        {
            double count = counts[bin];
            if (bin == first)
                count += Sum(counts[..first]);
            if (bin == last)
                count += Sum(counts[(last + 1)..]);
            if (count == 0)
                continue;
            var level = LevelOf(bin);
            // The level of an edge may have only clipped numbers. A count of one keeps the logarithm finite.
            var known = inLevel[level] > 0 ? inLevel[level] / binsOfLevel[level] : 1;
            divergence += count / total * Math.Log(count / total / (known / inside));
        }
        return divergence;

        int LevelOf(int bin) => (int)Math.Clamp((Center(bin) - min) / (max - min) * Levels, 0, Levels - 1);

        double Center(int bin) => (histogram.EdgeOf(bin) + histogram.EdgeOf(bin + 1)) / 2;

        int Inside(int bin, int step)
        {
            var length = histogram.Counts.Length;
            while (bin >= 0 && bin < length && (Center(bin) < min || Center(bin) > max))
                bin += step;
            return bin;
        }
    }

    private static double Sum(ReadOnlySpan<long> counts)
    {
        long sum = 0;
        foreach (var count in counts)
            sum += count;
        return sum;
    }

    private static ValueRange Within(ActivationHistogram histogram, double min, double max) =>
        new((float)Math.Max(min, histogram.Min), (float)Math.Min(max, histogram.Max));
}

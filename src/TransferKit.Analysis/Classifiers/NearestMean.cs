using System.Numerics.Tensors;

namespace TransferKit.Analysis.Classifiers;

/// <summary>
/// Scores by the distance to the mean of each class. The squared distance is a linear function of the features, apart from a term that all
/// classes share.
/// </summary>
internal sealed class NearestMean : Scorer
{
    private readonly double[][] _sums;
    private readonly long[] _counts;
    private readonly LinearScorer _linear;

    /// <param name="sums">The sum of the vectors of each class.</param>
    /// <param name="counts">The number of vectors of each class.</param>
    public NearestMean(double[][] sums, long[] counts)
    {
        (_sums, _counts) = (sums, counts);
        var (dimensions, means) = (sums[0].Length, new float[sums.Length * sums[0].Length]);
        var intercepts = new float[sums.Length];
        var mean = new double[dimensions];
        for (var c = 0; c < sums.Length; c++)
        {
            TensorPrimitives.Divide(sums[c], counts[c], mean);
            TensorPrimitives.ConvertTruncating<double, float>(mean, means.AsSpan(c * dimensions, dimensions));
            intercepts[c] = (float)(-TensorPrimitives.SumOfSquares<double>(mean) / 2);
        }
        _linear = new(means, intercepts);
    }

    public IReadOnlyList<double[]> Sums => _sums;

    public IReadOnlyList<long> Counts => _counts;

    public LinearScorer Linear => _linear;

    public override int Dimensions => _sums[0].Length;

    public static Fitted Train(ClassifierTask task, CancellationToken cancellationToken)
    {
        var count = task.Labels.Length;
        var heldOut = new double[task.Rows.Count * count];
        for (var fold = 0; fold < task.FoldCount; fold++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var means = Of(task, row => task.FoldOf[row] != fold);
            for (var row = 0; row < task.Rows.Count; row++)
            {
                if (task.FoldOf[row] == fold)
                    means.Score(task.Rows[row], heldOut.AsSpan(row * count, count));
            }
        }
        return new(Of(task, _ => true), heldOut, [], null);
    }

    /// <summary>Returns means that take in other vectors, exactly as if all had been there at first.</summary>
    public NearestMean With(FeatureTable features, int[] classes, int classCount)
    {
        double[][] sums = [.. _sums.Select(s => (double[])s.Clone())];
        while (sums.Length < classCount)
            sums = [.. sums, new double[Dimensions]];
        var counts = new long[classCount];
        _counts.CopyTo(counts, 0);
        for (var row = 0; row < classes.Length; row++)
            Take(features[row], classes[row], sums, counts);
        return new(sums, counts);
    }

    public override void Score(ReadOnlySpan<float> features, Span<double> scores) => _linear.Score(features, scores);

    private static NearestMean Of(ClassifierTask task, Func<int, bool> takes)
    {
        var sums = Array.ConvertAll(task.Labels, _ => new double[task.Rows.Dimensions]);
        var counts = new long[task.Labels.Length];
        for (var row = 0; row < task.Rows.Count; row++)
        {
            if (takes(row))
                Take(task.Rows[row], task.Classes[row], sums, counts);
        }
        return new(sums, counts);
    }

    private static void Take(ReadOnlySpan<float> vector, int to, double[][] sums, long[] counts)
    {
        var exact = new double[vector.Length];
        TensorPrimitives.ConvertTruncating(vector, exact);
        TensorPrimitives.Add(sums[to], exact, sums[to]);
        counts[to]++;
    }
}

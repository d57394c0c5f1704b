using System.Numerics.Tensors;
using TransferKit.Analysis.Linear;
using TransferKit.Common;

namespace TransferKit.Analysis.Maps;

/// <summary>Divides rows into clusters by Lloyd's algorithm, which begins at the centres of k-means++.</summary>
internal sealed class KMeans
{
    private const int MostPasses = 100;
    private const int RowsAtOnce = 128;

    private readonly FeatureTable _features;
    private readonly CancellationToken _cancellationToken;
    private readonly List<float[]> _centres = [];
    private readonly int[] _nearest;
    private readonly float[] _distances;

    private KMeans(FeatureTable features, CancellationToken cancellationToken) =>
        (_features, _cancellationToken, _nearest, _distances) =
            (features, cancellationToken, new int[features.Count], new float[features.Count]);

    /// <summary>Returns the cluster of each row. Cluster 0 is the largest. Few different rows give fewer clusters.</summary>
    public static int[] Run(FeatureTable features, int clusters, int seed, CancellationToken cancellationToken)
    {
        var means = new KMeans(features, cancellationToken);
        means.Begin(clusters, new(seed, "k-means"));
        for (var pass = 0; pass < MostPasses; pass++)
        {
            means.Move();
            if (!means.Assign())
                break;
        }
        int[] sizes = [.. means._centres.Select((_, c) => means._nearest.Count(n => n == c))];
        int[] order = [.. Enumerable.Range(0, sizes.Length).OrderByDescending(c => sizes[c])];
        return Array.ConvertAll(means._nearest, cluster => Array.IndexOf(order, cluster));
    }

    // Each further centre is a row, drawn in proportion to its squared distance from the centres so far.
    private void Begin(int clusters, CounterRandom random)
    {
        Array.Fill(_distances, float.PositiveInfinity);
        var next = (int)(Fraction(random.At(0)) * _features.Count);
        while (true)
        {
            _centres.Add(_features[next].ToArray());
            Assign();
            var total = _distances.Sum(d => (double)d * d);
            if (_centres.Count == clusters || total == 0)
                return;
            var rest = Fraction(random.At(_centres.Count)) * total;
            next = Array.FindIndex(_distances, d => d > 0 && (rest -= (double)d * d) <= 0);
            if (next < 0)
                next = Array.FindLastIndex(_distances, d => d > 0);
        }
    }

    private bool Assign()
    {
        var changes = 0;
        Blocks.Run(0, _features.Count, RowsAtOnce, (from, to) =>
        {
            for (var row = from; row < to; row++)
            {
                var (best, distance) = (0, float.PositiveInfinity);
                for (var c = 0; c < _centres.Count; c++)
                {
                    if (TensorPrimitives.Distance(_features[row], _centres[c]) is var other && other < distance)
                        (best, distance) = (c, other);
                }
                if (_nearest[row] != best)
                    Interlocked.Increment(ref changes);
                (_nearest[row], _distances[row]) = (best, distance);
            }
        }, _cancellationToken);
        return changes > 0;
    }

    private void Move()
    {
        var (sums, sizes, row) = (new double[_centres.Count][], new int[_centres.Count], new double[_features.Dimensions]);
        for (var i = 0; i < _nearest.Length; i++)
        {
            var sum = sums[_nearest[i]] ??= new double[row.Length];
            TensorPrimitives.ConvertTruncating(_features[i], row);
            TensorPrimitives.Add(sum, row, sum);
            sizes[_nearest[i]]++;
        }
        // A centre without rows stays where it is.
        for (var c = 0; c < sums.Length; c++)
        {
            if (sums[c] is not { } sum)
                continue;
            TensorPrimitives.Divide(sum, sizes[c], sum);
            TensorPrimitives.ConvertTruncating(sum, _centres[c]);
        }
    }

    private static double Fraction(ulong bits) => Math.ScaleB(bits >> 11, -53);
}

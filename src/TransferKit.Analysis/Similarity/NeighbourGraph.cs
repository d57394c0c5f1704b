using System.Numerics.Tensors;
using TransferKit.Analysis.Linear;

namespace TransferKit.Analysis.Similarity;

/// <summary>
/// Represents the nearest rows of each row by the cosine. Of up to 4,096 rows all are compared; of more, those of neighbouring buckets. A
/// pair much nearer than others, such as two copies of a picture, is found nearly always.
/// </summary>
internal sealed class NeighbourGraph
{
    /// <summary>The largest number of neighbours of a row.</summary>
    public const int Most = 10;

    private const int Shortlist = 32;
    private const int BlockRows = 64;

    private readonly int[] _rows;
    private readonly float[] _cosines;

    private NeighbourGraph(int count) => (_rows, _cosines) = (new int[count * Most], new float[count * Most]);

    /// <summary>Gets the neighbours of a row, the nearest first.</summary>
    public ReadOnlySpan<int> RowsOf(int row)
    {
        var all = _rows.AsSpan(row * Most, Most);
        return all.IndexOf(-1) is >= 0 and var end ? all[..end] : all;
    }

    /// <summary>Gets the cosines of the neighbours of a row.</summary>
    public ReadOnlySpan<float> CosinesOf(int row) => _cosines.AsSpan(row * Most, RowsOf(row).Length);

    /// <param name="features">The vectors.</param>
    /// <param name="progress">Progress reporter for the number of rows done.</param>
    /// <param name="cancellationToken">Token to cancel the computation.</param>
    public static NeighbourGraph Of(FeatureTable features, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var sketches = Sketches.Of(features, cancellationToken);
        var buckets = Buckets.Of(sketches, cancellationToken);
        // In the order of the buckets, the rows to compare with are adjacent.
        var (sorted, offsets) = (new float[sketches.Numbers.Length], new float[features.Count]);
        for (var place = 0; place < features.Count; place++)
        {
            sketches[buckets.Order[place]].CopyTo(sorted.AsSpan(place * Sketches.Width));
            offsets[place] = -TensorPrimitives.SumOfSquares<float>(sketches[buckets.Order[place]]) / 2;
        }
        var (graph, done) = (new NeighbourGraph(features.Count), 0);
        Blocks.Run(0, features.Count, BlockRows, (from, to) =>
        {
            var shortlist = new Shortest(Shortlist);
            for (var place = from; place < to; place++)
            {
                shortlist.Clear();
                foreach (var bucket in buckets.NearestTo(buckets.Order[place]))
                {
                    var (first, end) = buckets[bucket];
                    var own = sorted.AsSpan(place * Sketches.Width, Sketches.Width);
                    for (var other = first; other < end; other++)
                    {
                        var rank = TensorPrimitives.Dot<float>(own, sorted.AsSpan(other * Sketches.Width, Sketches.Width)) + offsets[other];
                        if (rank > shortlist.Least && other != place)
                            shortlist.Add(buckets.Order[other], rank);
                    }
                }
                graph.Rescore(features, sketches, buckets.Order[place], shortlist.Rows);
            }
            progress?.Report(Interlocked.Add(ref done, to - from));
        }, cancellationToken);
        return graph;
    }

    private void Rescore(FeatureTable features, Sketches sketches, int row, ReadOnlySpan<int> candidates)
    {
        var rows = _rows.AsSpan(row * Most, Most);
        var cosines = _cosines.AsSpan(row * Most, Most);
        rows.Fill(-1);
        var found = 0;
        foreach (var candidate in candidates)
        {
            var cosine = sketches.Cosine(features, row, candidate);
            if (found == Most && !IsBefore(cosine, candidate, cosines[Most - 1], rows[Most - 1]))
                continue;
            var place = found < Most ? found++ : Most - 1;
            for (; place > 0 && IsBefore(cosine, candidate, cosines[place - 1], rows[place - 1]); place--)
                (rows[place], cosines[place]) = (rows[place - 1], cosines[place - 1]);
            (rows[place], cosines[place]) = (candidate, cosine);
        }
    }

    private static bool IsBefore(float cosine, int row, float otherCosine, int otherRow) =>
        cosine != otherCosine ? cosine > otherCosine : row < otherRow;

    /// <summary>Collects the rows of the greatest ranks, in no order.</summary>
    private sealed class Shortest(int wanted)
    {
        private readonly int[] _rows = new int[wanted];
        private readonly float[] _ranks = new float[wanted];
        private int _count;
        private int _worst;

        /// <summary>Gets the rank that another row must exceed.</summary>
        public float Least { get; private set; } = float.NegativeInfinity;

        public ReadOnlySpan<int> Rows => _rows.AsSpan(0, _count);

        public void Clear() => (_count, Least) = (0, float.NegativeInfinity);

        public void Add(int row, float rank)
        {
            var place = _count < wanted ? _count++ : _worst;
            (_rows[place], _ranks[place]) = (row, rank);
            if (_count < wanted)
                return;
            _worst = TensorPrimitives.IndexOfMin<float>(_ranks);
            Least = _ranks[_worst];
        }
    }
}

using System.Numerics.Tensors;
using TransferKit.Analysis.Linear;
using TransferKit.Common;

namespace TransferKit.Analysis.Similarity;

/// <summary>
/// Divides rows into buckets by the nearest of some random rows. Near rows share a bucket or are in neighbouring ones, so a row is
/// compared with those of a few buckets instead of all.
/// </summary>
internal sealed class Buckets
{
    /// <summary>The number of buckets that a row is compared with.</summary>
    public const int Probes = 8;

    // So few rows are compared with each other at once.
    private const int MostOfOneBucket = 4096;
    private const int BlockRows = 128;

    private readonly int[] _starts;
    private readonly int[] _nearest;
    private readonly int _probes;

    private Buckets(int[] order, int[] starts, int[] nearest, int probes) =>
        (Order, _starts, _nearest, _probes) = (order, starts, nearest, probes);

    /// <summary>Gets the rows, bucket by bucket.</summary>
    public int[] Order { get; }

    /// <summary>Gets the buckets nearest to a row, its own first.</summary>
    public ReadOnlySpan<int> NearestTo(int row) => _nearest.AsSpan(row * _probes, _probes);

    /// <summary>Gets where the rows of a bucket begin and end in <see cref="Order"/>.</summary>
    public (int From, int To) this[int bucket] => (_starts[bucket], _starts[bucket + 1]);

    public static Buckets Of(Sketches sketches, CancellationToken cancellationToken)
    {
        var count = sketches.Count <= MostOfOneBucket ? 1 : 2 * (int)Math.Sqrt(sketches.Count);
        var probes = Math.Min(Probes, count);
        var nearest = new int[sketches.Count * probes];
        if (count > 1)
            Assign(sketches, nearest, count, probes, cancellationToken);
        var starts = new int[count + 1];
        for (var row = 0; row < sketches.Count; row++)
            starts[nearest[row * probes] + 1]++;
        for (var bucket = 0; bucket < count; bucket++)
            starts[bucket + 1] += starts[bucket];
        var (order, next) = (new int[sketches.Count], (int[])starts.Clone());
        for (var row = 0; row < sketches.Count; row++)
            order[next[nearest[row * probes]]++] = row;
        return new(order, starts, nearest, probes);
    }

    private static void Assign(Sketches sketches, int[] nearest, int count, int probes, CancellationToken cancellationToken)
    {
        var columns = Product<float>.Padded(count);
        var (centres, offsets) = (new float[Sketches.Width * columns], new float[columns]);
        offsets.AsSpan(count).Fill(float.NegativeInfinity);
        foreach (var (column, row) in Sample(sketches.Count, count).Index())
        {
            for (var i = 0; i < Sketches.Width; i++)
                centres[i * columns + column] = sketches[row][i];
            offsets[column] = -TensorPrimitives.SumOfSquares<float>(sketches[row]) / 2;
        }
        // Of a row r and centres c, r·c − c·c/2 is greatest where the distance is least.
        Blocks.Run(0, sketches.Count, BlockRows, (from, to) =>
        {
            using var scores = new Scratch<float>((to - from) * columns);
            for (var row = 0; row < to - from; row++)
                offsets.CopyTo(scores.Span[(row * columns)..]);
            Product<float>.Add(
                new(sketches.Numbers[(from * Sketches.Width)..], Sketches.Width), new(centres, columns), new(scores.Span, columns),
                to - from, Sketches.Width, columns);
            for (var row = from; row < to; row++)
                Best(scores.Span.Slice((row - from) * columns, count), nearest.AsSpan(row * probes, probes));
        }, cancellationToken);
    }

    private static void Best(ReadOnlySpan<float> scores, Span<int> best)
    {
        var found = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (found == best.Length && scores[i] <= scores[best[^1]])
                continue;
            var place = found < best.Length ? found++ : best.Length - 1;
            for (; place > 0 && scores[i] > scores[best[place - 1]]; place--)
                best[place] = best[place - 1];
            best[place] = i;
        }
    }

    private static int[] Sample(int rows, int count)
    {
        var random = new CounterRandom(0, "buckets");
        var chosen = new HashSet<int>();
        for (var i = 0L; chosen.Count < count; i++)
            chosen.Add((int)(random.At(i) % (ulong)rows));
        return [.. chosen.Order()];
    }
}

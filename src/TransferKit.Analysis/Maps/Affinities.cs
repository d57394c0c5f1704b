using TransferKit.Analysis.Linear;

namespace TransferKit.Analysis.Maps;

/// <summary>
/// Represents the joint probabilities that t-SNE keeps: near rows have high ones, and those of all pairs sum to one. The pairs of a row are
/// adjacent, from its start up to the start of the next row.
/// </summary>
internal sealed class Affinities
{
    private const int MostSteps = 100;
    private const double Tolerance = 1e-5;

    private Affinities(int count, int pairs) => (Starts, Columns, Values) = (new int[count + 1], new int[pairs], new double[pairs]);

    public int[] Starts { get; }

    public int[] Columns { get; }

    public double[] Values { get; }

    public int Count => Starts.Length - 1;

    /// <summary>Returns the number of neighbours that a perplexity needs: scikit-learn's number.</summary>
    public static int NeighboursOf(double perplexity) => (int)(3 * perplexity + 1);

    /// <summary>Computes the probabilities.</summary>
    /// <param name="graph">The neighbours by Euclidean distance.</param>
    /// <param name="perplexity">The effective number of neighbours: the exponential of the entropy of each row.</param>
    public static Affinities Of(ExactNeighbours graph, double perplexity)
    {
        var (width, count) = (graph.Width, graph.Rows.Length / graph.Width);
        var conditional = new double[graph.Rows.Length];
        Blocks.Run(0, count, 256, (from, to) =>
        {
            for (var row = from; row < to; row++)
                FindBandwidth(graph.Scores.AsSpan(row * width, width), conditional.AsSpan(row * width, width), Math.Log(perplexity));
        });
        return Symmetric(graph, conditional, count);
    }

    // A bisection finds the precision of the Gaussian whose entropy is the wanted one.
    private static void FindBandwidth(ReadOnlySpan<float> distances, Span<double> probabilities, double wanted)
    {
        var (precision, least, most) = (1.0, double.NegativeInfinity, double.PositiveInfinity);
        // Only differences of squared distances matter, so the nearest row has the exponent 0 and the sum never vanishes.
        var nearest = (double)distances[0] * distances[0];
        for (var step = 0; step < MostSteps; step++)
        {
            var (sum, weighted) = (0.0, 0.0);
            for (var i = 0; i < distances.Length; i++)
            {
                var square = (double)distances[i] * distances[i] - nearest;
                probabilities[i] = Math.Exp(-precision * square);
                sum += probabilities[i];
                weighted += probabilities[i] * square;
            }
            for (var i = 0; i < probabilities.Length; i++)
                probabilities[i] /= sum;
            var difference = Math.Log(sum) + precision * weighted / sum - wanted;
            if (Math.Abs(difference) <= Tolerance)
                return;
            if (difference > 0)
                (least, precision) = (precision, double.IsInfinity(most) ? 2 * precision : (precision + most) / 2);
            else
                (most, precision) = (precision, double.IsInfinity(least) ? precision / 2 : (precision + least) / 2);
        }
    }

    private static Affinities Symmetric(ExactNeighbours graph, double[] conditional, int count)
    {
        var pairs = 2 * conditional.Length;
        var (keys, values) = (new long[pairs], new double[pairs]);
        for (var at = 0; at < conditional.Length; at++)
        {
            long row = at / graph.Width, column = graph.Rows[at];
            (keys[2 * at], values[2 * at]) = (row * count + column, conditional[at]);
            (keys[2 * at + 1], values[2 * at + 1]) = (column * count + row, conditional[at]);
        }
        Array.Sort(keys, values);
        var different = 0;
        for (var at = 0; at < pairs; at++)
        {
            if (different > 0 && keys[different - 1] == keys[at])
                values[different - 1] += values[at];
            else
                (keys[different], values[different++]) = (keys[at], values[at]);
        }
        var joint = new Affinities(count, different);
        for (var at = 0; at < different; at++)
        {
            joint.Starts[keys[at] / count + 1]++;
            joint.Columns[at] = (int)(keys[at] % count);
            // Each row's probabilities sum to one, and both directions were added.
            joint.Values[at] = values[at] / (2 * count);
        }
        for (var row = 0; row < count; row++)
            joint.Starts[row + 1] += joint.Starts[row];
        return joint;
    }
}

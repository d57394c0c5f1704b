using System.Numerics.Tensors;

namespace TransferKit.Analysis.Similarity;

/// <summary>
/// Rounds vectors to bytes, with bounds of what is lost. The rank of a row for a query is <c>q·y + offset</c>, where q and y are query and
/// row minus the mean: both metrics order rows by it. Features are positive, so without their mean they are shorter and lose less.
/// </summary>
internal sealed class Quantizer(SimilarityMetric metric, float[] mean)
{
    private const int Most = 127;
    private const int Zero = 128;

    // Bounds are computed in floating point too, and must not be too small.
    private const double Upwards = 1 + 1e-6;

    public float[] Mean => mean;

    public static Quantizer Of(FeatureTable table, SimilarityMetric metric)
    {
        var mean = new MeanOfRows(metric);
        for (var i = 0; i < table.Count; i++)
            mean.Add(table[i]);
        return new(metric, mean.ToArray());
    }

    /// <summary>Rounds a row.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="codes">Receives the codes.</param>
    public RowScale ToCodes(ReadOnlySpan<float> vector, Span<sbyte> codes)
    {
        var centred = Centred(vector);
        var step = Step(centred);
        var (sum, error) = (0, 0.0);
        for (var i = 0; i < centred.Length; i++)
        {
            var code = (int)Math.Round(centred[i] / step);
            codes[i] = (sbyte)code;
            sum += code;
            var lost = centred[i] - code * (double)step;
            error += lost * lost;
        }
        codes[centred.Length..].Clear();
        var squared = TensorPrimitives.SumOfSquares<double>(centred);
        var offset = metric == SimilarityMetric.Euclidean ? -squared / 2 : Dot(centred);
        return new()
        {
            Scale = step,
            Error = (float)(Math.Sqrt(error) * Upwards),
            Length = (float)(Math.Sqrt(squared) * Upwards),
            Offset = (float)offset,
            Sum = sum,
        };
    }

    /// <summary>Rounds a query to unsigned codes.</summary>
    /// <param name="vector">The query.</param>
    /// <param name="codes">Receives the codes.</param>
    public QueryScale ToQuery(ReadOnlySpan<float> vector, Span<byte> codes)
    {
        var centred = Centred(vector);
        var step = Step(centred);
        var (error, rounded) = (0.0, 0.0);
        for (var i = 0; i < centred.Length; i++)
        {
            var code = (int)Math.Round(centred[i] / step);
            codes[i] = (byte)(code + Zero);
            var value = code * (double)step;
            (error, rounded) = (error + (centred[i] - value) * (centred[i] - value), rounded + value * value);
        }
        codes[centred.Length..].Fill(Zero);
        var squared = TensorPrimitives.SumOfSquares<double>(centred);
        var constant = metric == SimilarityMetric.Euclidean ? -squared / 2 : Dot(Prepared(vector));
        return new(step, Math.Sqrt(error) * Upwards, Math.Sqrt(rounded) * Upwards, Math.Sqrt(squared) * Upwards, constant);
    }

    /// <summary>Returns an approximate rank of a row and a bound of its error.</summary>
    /// <param name="row">The row.</param>
    /// <param name="query">The query.</param>
    /// <param name="product">The product of their codes.</param>
    public static (float Rank, float Bound) Rank(in RowScale row, in QueryScale query, int product)
    {
        // q·y = q̂·ŷ + q̂·(y − ŷ) + (q − q̂)·y, and a product of two vectors is at most that of their lengths.
        var rank = query.Step * (double)row.Scale * (product - Zero * row.Sum) + row.Offset;
        var rounding = 1e-5 * (query.Length * row.Length + Math.Abs(row.Offset) + Math.Abs(query.Constant));
        return ((float)rank, (float)((query.RoundedLength * row.Error + query.Error * row.Length + rounding) * Upwards));
    }

    private static float Step(double[] centred) =>
        Math.Max((float)(TensorPrimitives.MaxMagnitude<double>(centred) is var most ? Math.Abs(most) / Most : 0), float.Epsilon * Most);

    private double Dot(double[] vector)
    {
        var dot = 0.0;
        for (var i = 0; i < vector.Length; i++)
            dot += vector[i] * mean[i];
        return dot;
    }

    private double[] Centred(ReadOnlySpan<float> vector)
    {
        var centred = Prepared(vector);
        for (var i = 0; i < centred.Length; i++)
            centred[i] -= mean[i];
        return centred;
    }

    private double[] Prepared(ReadOnlySpan<float> vector)
    {
        var prepared = new double[vector.Length];
        Prepare(metric, vector, prepared);
        return prepared;
    }

    private static void Prepare(SimilarityMetric metric, ReadOnlySpan<float> vector, double[] prepared)
    {
        TensorPrimitives.ConvertTruncating(vector, prepared);
        if (metric == SimilarityMetric.Cosine && TensorPrimitives.Norm<double>(prepared) is > 0 and var norm)
            TensorPrimitives.Divide(prepared, norm, prepared);
    }

    /// <summary>Computes the mean of rows that come one after another.</summary>
    public sealed class MeanOfRows(SimilarityMetric metric)
    {
        private double[] _sum = [];
        private double[] _row = [];
        private int _count;

        public void Add(ReadOnlySpan<float> row)
        {
            if (_count++ == 0)
                (_sum, _row) = (new double[row.Length], new double[row.Length]);
            Prepare(metric, row, _row);
            TensorPrimitives.Add(_sum, _row, _sum);
        }

        public float[] ToArray() => Array.ConvertAll(_sum, s => (float)(s / _count));
    }
}

/// <summary>Holds what is known of a query beside its codes.</summary>
/// <param name="Step">The value of one step of the codes.</param>
/// <param name="Error">The length of what rounding lost.</param>
/// <param name="RoundedLength">The length of the rounded query.</param>
/// <param name="Length">The length of the query minus the mean.</param>
/// <param name="Constant">The part of the score that does not depend on the row.</param>
internal readonly record struct QueryScale(float Step, double Error, double RoundedLength, double Length, double Constant);

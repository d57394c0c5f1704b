using System.Numerics.Tensors;
using TransferKit.Analysis.Features;
using TransferKit.Analysis.Linear;
using TransferKit.Analysis.Similarity;

namespace TransferKit;

/// <summary>
/// Represents an index of feature vectors that finds the most similar ones. Vectors are compared as bytes first; those that may be among
/// the nearest, by a bound of the rounding, are compared as floats. So the result is that of comparing all floats. It is thread-safe.
/// </summary>
public sealed partial class FeatureIndex : IDisposable
{
    // The codes of a block of rows fit the second cache while all queries pass over them.
    private const int BlockRows = 256;
    private const int LeastRowsOfWorker = 4096;
    private const int MostQueries = 256;

    private readonly IndexData _data;
    private readonly Quantizer _quantizer;
    private readonly Lazy<FeatureTable> _features;

    private FeatureIndex(
        SimilarityMetric metric, IReadOnlyList<string> names, int dimensions, IReadOnlyDictionary<string, string> stamp, IndexData data,
        Quantizer quantizer, FeatureTable? features = null)
    {
        (Metric, Names, Dimensions, Stamp, _data, _quantizer) = (metric, names, dimensions, stamp, data, quantizer);
        _features = new(() => features ?? FeatureTable.Of(names, data.VectorsOf(names.Count, dimensions), stamp));
    }

    /// <summary>Gets the metric.</summary>
    public SimilarityMetric Metric { get; }

    /// <summary>Gets the names of the pictures in the order of the rows.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Gets the number of rows.</summary>
    public int Count => Names.Count;

    /// <summary>Gets the length of the vectors.</summary>
    public int Dimensions { get; }

    /// <summary>Gets what determines the features, as <see cref="FeatureTable.Stamp"/> has it.</summary>
    public IReadOnlyDictionary<string, string> Stamp { get; }

    /// <summary>
    /// Gets the vectors as a table, without a copy. Those of a file stay on the disk, so a table of more vectors than memory holds can be
    /// checked or learned from. The table is valid until the index is disposed.
    /// </summary>
    /// <exception cref="FeatureDataException">A number in the file is NaN or infinite.</exception>
    /// <exception cref="InvalidOperationException">The index has more than 2,147,483,647 numbers.</exception>
    public FeatureTable Features => _features.Value;

    /// <summary>Builds an index in memory: a byte for each number, beside the table, which it keeps.</summary>
    /// <param name="features">The features.</param>
    /// <param name="metric">The metric. Defaults to the cosine.</param>
    /// <param name="progress">Progress reporter for the fraction done, 0..1.</param>
    /// <param name="cancellationToken">Token to cancel the computation.</param>
    /// <exception cref="ArgumentException">The index would have more than 2,147,483,591 numbers.</exception>
    public static FeatureIndex Build(
        FeatureTable features, SimilarityMetric metric = SimilarityMetric.Cosine, IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(features);
        var stride = IndexData.Stride(features.Dimensions);
        if ((long)features.Count * stride > Array.MaxLength)
        {
            throw new ArgumentException(
                $"{features} exceed an index in memory, which has at most {Array.MaxLength:N0} numbers.", nameof(features));
        }
        var quantizer = Quantizer.Of(features, metric);
        var (scales, codes, done) = (new RowScale[features.Count], new sbyte[features.Count * stride], 0);
        Blocks.Run(0, features.Count, BlockRows, (from, to) =>
        {
            for (var row = from; row < to; row++)
                scales[row] = quantizer.ToCodes(features[row], codes.AsSpan(row * stride, stride));
            progress?.Report((double)Interlocked.Add(ref done, to - from) / features.Count);
        }, cancellationToken);
        return new(
            metric, features.Names, features.Dimensions, features.Stamp, IndexData.Of(quantizer.Mean, scales, codes, features.Numbers),
            quantizer, features);
    }

    /// <summary>Finds the rows nearest to a vector, the nearest first; of equally near ones, the first row first.</summary>
    /// <param name="query">The vector.</param>
    /// <param name="count">The number of rows to find.</param>
    /// <param name="cancellationToken">Token to cancel the search.</param>
    /// <exception cref="ArgumentException">The vector has another length, or a number that is NaN or infinite.</exception>
    public IReadOnlyList<Neighbour> Search(ReadOnlySpan<float> query, int count = 10, CancellationToken cancellationToken = default)
    {
        FeatureTable.ThrowIfOtherLength(query.Length, Dimensions, nameof(query));
        if (!TensorPrimitives.IsFiniteAll(query))
            throw new ArgumentException("The query has a number that is NaN or infinite.", nameof(query));
        return Search((float[])[.. query], 1, count, cancellationToken)[0];
    }

    /// <summary>Finds the rows nearest to each of several vectors. It takes less time than one search for each.</summary>
    /// <param name="queries">The vectors.</param>
    /// <param name="count">The number of rows to find for each.</param>
    /// <param name="cancellationToken">Token to cancel the search.</param>
    /// <exception cref="ArgumentException">The vectors have another length.</exception>
    /// <exception cref="FeatureDataException">The features have another origin than those of the index.</exception>
    public IReadOnlyList<IReadOnlyList<Neighbour>> Search(
        FeatureTable queries, int count = 10, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        FeatureStamp.ThrowIfMixed(Stamp, queries.Stamp, "the queries");
        FeatureTable.ThrowIfOtherLength(queries.Dimensions, Dimensions, nameof(queries));
        var found = new List<IReadOnlyList<Neighbour>>(queries.Count);
        for (var first = 0; first < queries.Count; first += MostQueries)
        {
            var part = Math.Min(MostQueries, queries.Count - first);
            found.AddRange(Search(queries.Numbers.Slice(first * Dimensions, part * Dimensions), part, count, cancellationToken));
        }
        return found;
    }

    /// <summary>Closes the file, if the index has one. A search that runs must have ended.</summary>
    public void Dispose() => _data.Dispose();

    /// <summary>Returns <c>100000 x 1280 features by Cosine</c>.</summary>
    public override string ToString() => $"{Count} x {Dimensions} features by {Metric}";

    private IReadOnlyList<Neighbour>[] Search(ReadOnlyMemory<float> queries, int queryCount, int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var wanted = Math.Min(count, Count);
        var stride = IndexData.Stride(Dimensions);
        var (codes, scales) = (new byte[queryCount * stride], new QueryScale[queryCount]);
        for (var q = 0; q < queryCount; q++)
            scales[q] = _quantizer.ToQuery(queries.Span.Slice(q * Dimensions, Dimensions), codes.AsSpan(q * stride, stride));

        var workers = Math.Clamp(Count / LeastRowsOfWorker, 1, Environment.ProcessorCount);
        var collected = new Candidates[workers][];
        Parallel.For(0, workers, new ParallelOptions { CancellationToken = cancellationToken }, worker =>
        {
            var (from, to) = ((int)((long)Count * worker / workers), (int)((long)Count * (worker + 1) / workers));
            collected[worker] = Collect(codes, scales, from, to, wanted, cancellationToken);
        });
        var results = new IReadOnlyList<Neighbour>[queryCount];
        Parallel.For(0, queryCount, q =>
        {
            for (var worker = 1; worker < workers; worker++)
                collected[0][q].Merge(collected[worker][q]);
            results[q] = Rescore(queries.Span.Slice(q * Dimensions, Dimensions), scales[q], collected[0][q].Rows, wanted);
        });
        return results;
    }

    private unsafe Candidates[] Collect(
        byte[] codes, QueryScale[] queries, int from, int to, int wanted, CancellationToken cancellationToken)
    {
        var stride = IndexData.Stride(Dimensions);
        Candidates[] candidates = [.. queries.Select(_ => new Candidates(wanted))];
        var products = new int[BlockRows * queries.Length];
        fixed (byte* query = codes)
        fixed (int* product = products)
        {
            for (var first = from; first < to; first += BlockRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var rows = Math.Min(BlockRows, to - first);
                CodeProduct.Multiply(_data.Codes + (long)first * stride, rows, query, queries.Length, stride, product);
                for (var i = 0; i < rows; i++)
                {
                    ref var row = ref _data.Scales[first + i];
                    for (var q = 0; q < queries.Length; q++)
                    {
                        var (rank, bound) = Quantizer.Rank(row, queries[q], product[i * queries.Length + q]);
                        candidates[q].Add(first + i, rank, bound);
                    }
                }
            }
        }
        return candidates;
    }

    // The candidates with the highest bounds come first, so most of the others need no look at their floats.
    private List<Neighbour> Rescore(
        ReadOnlySpan<float> query, QueryScale scale, IReadOnlyList<(int Row, float Most)> candidates, int wanted)
    {
        var (best, sign) = (new List<Neighbour>(wanted + 1), Metric == SimilarityMetric.Cosine ? 1 : -1);
        foreach (var (row, most) in candidates.OrderByDescending(c => c.Most))
        {
            if (best.Count == wanted && most < RankOf(best[^1].Score, scale))
                break;
            var score = ScoreOf(query, _data.Vector(row, Dimensions));
            var found = new Neighbour(row, Names[row], score);
            var place = best.BinarySearch(found, Comparer<Neighbour>.Create((a, b) =>
                a.Score != b.Score ? sign * b.Score.CompareTo(a.Score) : a.Row.CompareTo(b.Row)));
            best.Insert(~place, found);
            if (best.Count > wanted)
                best.RemoveAt(wanted);
        }
        return best;
    }

    private float ScoreOf(ReadOnlySpan<float> query, ReadOnlySpan<float> vector)
    {
        if (Metric == SimilarityMetric.Euclidean)
            return TensorPrimitives.Distance(query, vector);
        var cosine = TensorPrimitives.CosineSimilarity(query, vector);
        return float.IsNaN(cosine) ? 0 : cosine;
    }

    private double RankOf(float score, QueryScale scale) =>
        (Metric == SimilarityMetric.Cosine ? score : -(double)score * score / 2) - scale.Constant;
}

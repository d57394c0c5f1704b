using System.Numerics.Tensors;
using TransferKit.Analysis.Maps;
using TransferKit.Common;

namespace TransferKit;

/// <summary>
/// Represents pictures on a plane, near where their features are near, with their clusters and nearest neighbours. It is immutable.
/// </summary>
public sealed class FeatureMap
{
    // t-SNE of fewer rows has no perplexity of at least 1.
    private const int LeastOfTsne = 4;

    private readonly ExactNeighbours _neighbours;

    private FeatureMap(
        FeatureTable features, int totalCount, FeatureMapOptions options, MapProgress progress, CancellationToken cancellationToken)
    {
        (Names, TotalCount, Options) = (features.Names, totalCount, options);
        var principal = PrincipalComponents.Of(features, progress.Part(0.1), cancellationToken);
        (Pca, ExplainedVariance) = (Points(principal.Coordinates[0], principal.Coordinates[1]), principal.Shares);

        var scaled = Scaled(features);
        _neighbours = ExactNeighbours.Of(scaled, SimilarityMetric.Cosine, options.Neighbours, progress.Part(0.1), cancellationToken);
        Clusters = KMeans.Run(scaled, options.Clusters, options.Seed, cancellationToken);
        if (options.Tsne && Count >= LeastOfTsne)
        {
            var perplexity = Math.Min(options.Perplexity, (Count - 1) / 3.0);
            var near = ExactNeighbours.Of(
                scaled, SimilarityMetric.Euclidean, Affinities.NeighboursOf(perplexity), progress.Part(0.1), cancellationToken);
            var embedding = Analysis.Maps.Tsne.At(Affinities.Of(near, perplexity), principal.Coordinates, options.Seed);
            embedding.Run(progress.Part(0.7), cancellationToken);
            (Tsne, KlDivergence) = (Points(embedding.X, embedding.Y), embedding.Divergence());
        }
        progress.End();
    }

    /// <summary>Gets the names of the pictures on the map.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Gets the number of pictures on the map.</summary>
    public int Count => Names.Count;

    /// <summary>Gets the number of pictures that were given. It is more than <see cref="Count"/> if the map shows a sample.</summary>
    public int TotalCount { get; }

    /// <summary>Gets the coordinates along the first two principal components, in units of the features.</summary>
    public IReadOnlyList<MapPoint> Pca { get; }

    /// <summary>Gets the share of the variance along each of the two principal components, 0..1.</summary>
    public IReadOnlyList<double> ExplainedVariance { get; }

    /// <summary>Gets the places by t-SNE; null if it was not wanted, or of fewer than 4 pictures.</summary>
    public IReadOnlyList<MapPoint>? Tsne { get; }

    /// <summary>Gets the Kullback-Leibler divergence that t-SNE reached: lower is better. It is null without t-SNE.</summary>
    public double? KlDivergence { get; }

    /// <summary>Gets the cluster of each picture by k-means. Cluster 0 is the largest.</summary>
    public IReadOnlyList<int> Clusters { get; }

    internal FeatureMapOptions Options { get; }

    /// <summary>Computes a map.</summary>
    /// <param name="features">The features.</param>
    /// <param name="options">The options. Defaults to a map of at most 10,000 pictures by PCA and t-SNE.</param>
    /// <param name="progress">Progress reporter for the fraction done, 0..1.</param>
    /// <param name="cancellationToken">Token to cancel the computation.</param>
    public static FeatureMap Compute(
        FeatureTable features, FeatureMapOptions? options = null, IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(features);
        options ??= new();
        var shown = features.Count > options.Limit ? Sample(features, options) : features;
        return new(shown, features.Count, options, new(progress), cancellationToken);
    }

    /// <summary>Returns the most similar other pictures on the map by the cosine of their features, the most similar first.</summary>
    /// <param name="row">The index of the picture.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public IReadOnlyList<Neighbour> NeighboursOf(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
        return [.. Enumerable.Range(row * _neighbours.Width, _neighbours.Width)
            .Select(at => new Neighbour(_neighbours.Rows[at], Names[_neighbours.Rows[at]], _neighbours.Scores[at]))];
    }

    /// <summary>
    /// Writes an HTML page that shows the map: one file, which needs no network. It has small copies of the pictures, and names of classes
    /// from the first folder of each name.
    /// </summary>
    /// <param name="path">The path of the page. An existing one is replaced.</param>
    /// <param name="pictures">The folder that the names begin at; null for a page without pictures.</param>
    /// <param name="progress">Progress reporter for the fraction done, 0..1.</param>
    /// <param name="cancellationToken">Token to cancel the work. No incomplete page remains.</param>
    /// <returns>The errors of the pictures that could not be read. The page shows them without their picture.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="OutputFormatException">The extension is neither <c>.html</c> nor <c>.htm</c>.</exception>
    /// <exception cref="OutputFileException">The page cannot be written.</exception>
    public IReadOnlyList<Exception> WritePage(
        string path, string? pictures = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        var target = OutputTarget.OfWritable(path, ".html", ".htm");
        if (pictures is not null && !Directory.Exists(pictures))
            throw new DirectoryNotFoundException($"There is no folder '{pictures}' of pictures.");
        var sheets = pictures is null ? null : new ThumbnailSheets(Names, pictures);
        AtomicFile.Write(target, stream => ExplorePage.Write(stream, this, sheets, progress, cancellationToken));
        return sheets is null ? [] : [.. sheets.Errors.Values];
    }

    /// <summary>Returns <c>10000 of 60000 pictures</c>.</summary>
    public override string ToString() => $"{Count} of {TotalCount} pictures";

    private static MapPoint[] Points(double[] x, double[] y) => [.. x.Zip(y, (a, b) => new MapPoint((float)a, (float)b))];

    private static FeatureTable Sample(FeatureTable features, FeatureMapOptions options)
    {
        var random = new CounterRandom(options.Seed, "sample");
        int[] rows = [.. Enumerable.Range(0, features.Count).OrderBy(i => random.At(i)).Take(options.Limit).Order()];
        var numbers = new float[rows.Length * features.Dimensions];
        for (var i = 0; i < rows.Length; i++)
            features[rows[i]].CopyTo(numbers.AsSpan(i * features.Dimensions));
        return FeatureTable.Of([.. rows.Select(i => features.Names[i])], numbers, features.Stamp);
    }

    // Squares of very large or very small floats overflow or vanish. Neither neighbours nor clusters depend on a common factor.
    private static FeatureTable Scaled(FeatureTable features)
    {
        var largest = Math.Abs(TensorPrimitives.MaxMagnitude(features.Numbers.Span));
        if (largest is 0 or (> 1e-9f and < 1e9f))
            return features;
        var scaled = new float[features.Numbers.Length];
        TensorPrimitives.Divide(features.Numbers.Span, largest, scaled);
        return FeatureTable.Of(features.Names, scaled, features.Stamp);
    }
}

namespace TransferKit.Analysis.Maps;

/// <summary>
/// Represents the nearest other rows of each row of a table, the nearest first. All rows are compared, where those of a
/// <see cref="Similarity.NeighbourGraph"/> may be missed.
/// </summary>
/// <param name="Width">The number of neighbours of a row.</param>
/// <param name="Rows">The neighbours of the first row, then those of the second, and so on.</param>
/// <param name="Scores">The score of each neighbour, as <see cref="Neighbour.Score"/> has it.</param>
internal sealed record ExactNeighbours(int Width, int[] Rows, float[] Scores)
{
    private const int QueriesAtOnce = 256;

    public static ExactNeighbours Of(
        FeatureTable features, SimilarityMetric metric, int most, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var width = Math.Min(most, features.Count - 1);
        var graph = new ExactNeighbours(width, new int[features.Count * width], new float[features.Count * width]);
        using var index = FeatureIndex.Build(features, metric, cancellationToken: cancellationToken);
        for (var first = 0; first < features.Count; first += QueriesAtOnce)
        {
            var count = Math.Min(QueriesAtOnce, features.Count - first);
            var queries = FeatureTable.Of(
                [.. Enumerable.Range(first, count).Select(i => features.Names[i])],
                features.Numbers.Slice(first * features.Dimensions, count * features.Dimensions));
            var found = index.Search(queries, width + 1, cancellationToken);
            for (var i = 0; i < count; i++)
                graph.Set(first + i, found[i]);
            progress?.Report((double)(first + count) / features.Count);
        }
        return graph;
    }

    // Of many equal rows, the row itself may not be among those found.
    private void Set(int row, IReadOnlyList<Neighbour> found)
    {
        var at = row * Width;
        foreach (var neighbour in found.Where(n => n.Row != row).Take(Width))
            (Rows[at], Scores[at++]) = (neighbour.Row, neighbour.Score);
    }
}

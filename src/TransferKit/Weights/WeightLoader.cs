using TransferKit.Graph;

namespace TransferKit.WeightSources;

/// <summary>From the option <see cref="Weights"/> to numbers for a graph.</summary>
internal static class WeightLoader
{
    /// <param name="weights">Which weights.</param>
    /// <param name="graph">The graph to fill.</param>
    /// <param name="entry">Keras' ImageNet weights for this graph, <see cref="WeightCatalog.Find"/>; null where there are none.</param>
    /// <param name="store">Where ImageNet weights come from.</param>
    /// <param name="progress">Told of downloads.</param>
    /// <param name="cancellationToken">Ends the download; what has arrived is kept.</param>
    /// <exception cref="TransferKitException">The weights are not to be had, or do not fit.</exception>
    public static async Task<IWeightSource> OpenAsync(
        Weights weights, LayerGraph graph, CatalogEntry? entry, WeightStore store,
        IProgress<WeightDownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        switch (weights.Kind)
        {
            case WeightsKind.Random:
                return new InitialWeights(weights.Seed);
            case WeightsKind.Stream:
                return FromStream(weights);
            case WeightsKind.File:
                var file = OpenFile(weights.Name!);
                return weights.ByName ? WeightBinder.BindByName(file, graph, Weights.None.Seed) : WeightBinder.Bind(file, graph);
            default:
                if (entry is null)
                    throw WeightsUnavailableException.NotPublished(graph.Name);
                if (store.Bundled(entry) is { } bundled)
                    return FromStream(bundled);
                var verified = await store.EnsureAsync(entry, Fits, progress, cancellationToken).ConfigureAwait(false);
                return WeightBinder.Bind(WeightFile.Open(verified.Path, verified.Hash), graph);
        }

        BoundWeights FromStream(Weights carried) => WeightBinder.Bind(WeightFile.Open(carried.Name!, carried.Open!()), graph);

        // Consumes nothing but names and shapes.
        void Fits(WeightFile candidate) => WeightBinder.Bind(candidate, graph).Dispose();
    }

    private static WeightFile OpenFile(string path)
    {
        try
        {
            return WeightFile.Open(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw WeightsUnavailableException.NoSuchFile(path, e);
        }
    }
}

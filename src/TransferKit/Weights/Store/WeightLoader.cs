using System.Security.Cryptography;
using System.Text;
using TransferKit.Graph;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit.WeightSources.Store;

/// <summary>Opens the weights that an option <see cref="Weights"/> specifies for a graph.</summary>
internal static class WeightLoader
{
    /// <param name="weights">The option.</param>
    /// <param name="graph">The graph to fill.</param>
    /// <param name="entry">
    /// The catalog entry of this graph's ImageNet weights, <see cref="WeightCatalog.Find"/>; null if there is none.
    /// </param>
    /// <param name="leavesRest">
    /// Whether a file of the user's may have more layers than the graph, such as the head of a model whose backbone is loaded.
    /// </param>
    /// <param name="store">The store of ImageNet weights.</param>
    /// <param name="progress">Progress reporter for downloads; optional.</param>
    /// <param name="cancellationToken">The token to cancel the download. The next attempt resumes it.</param>
    /// <exception cref="TransferKitException">The weights are not available, or do not fit the graph.</exception>
    public static async Task<IWeightSource> OpenAsync(
        Weights weights, LayerGraph graph, CatalogEntry? entry, bool leavesRest, WeightStore store,
        IProgress<WeightDownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        switch (weights.Kind)
        {
            case WeightsKind.Random:
                return new InitialWeights(weights.Seed);
            case WeightsKind.Stream:
                return Within(WeightFile.Open(weights.Name!, weights.Open!()));
            case WeightsKind.File:
                var file = OpenFile(weights.Name!, WeightFile.Open);
                return weights.ByName ? ByName(file) : Within(file);
            default:
                if (entry is null)
                    throw WeightsUnavailableException.NotPublished(graph.Name);
                if (store.Bundled(entry) is { } bundled)
                    return FromStream(bundled);
                var verified = await store.EnsureAsync(entry, Fits, progress, cancellationToken).ConfigureAwait(false);
                return Deferred(verified.Path, OpenFile(verified.Path, WeightFile.OpenStream), verified.Hash);
        }

        IWeightSource FromStream(Weights carried)
        {
            var stream = carried.Open!();
            return stream.CanSeek ? Deferred(carried.Name!, stream) : WeightBinder.Bind(WeightFile.Open(carried.Name!, stream), graph);
        }

        DeferredWeights Deferred(string name, Stream file, string? hash = null)
        {
            try
            {
                WeightFile.CheckHead(name, file);
                return new(name, file, hash ?? WeightFile.HashOf(file), opened => WeightBinder.Bind(opened, graph));
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }

        // What was bound is part of the result, so the user's files are bound at once, even where the compiled model is cached.
        BoundWeights Within(WeightFile file)
        {
            var bound = WeightBinder.BindWithin(file, graph, leavesRest);
            if (bound.NestedModel is not null || !bound.UnusedLayers.IsEmpty)
            {
                store.Log.BoundWithin(
                    file.Name, graph.Name, bound.NestedModel ?? "the file's own model",
                    bound.UnusedLayers.IsEmpty ? "none" : string.Join(", ", bound.UnusedLayers));
            }
            return bound;
        }

        BoundWeights ByName(WeightFile file)
        {
            var bound = WeightBinder.BindByName(file, graph, Weights.None.Seed);
            if (!bound.UnboundLayers.IsEmpty)
            {
                var layers = graph.Layers.Count(l => !l.Weights.IsEmpty);
                store.Log.PartlyBound(
                    weights.Name!, layers - bound.UnboundLayers.Length, layers, graph.Name, string.Join(", ", bound.UnboundLayers));
            }
            return bound;
        }

        // Binding reads only names and shapes.
        void Fits(WeightFile candidate) => WeightBinder.Bind(candidate, graph).Dispose();
    }

    /// <summary>Returns text that identifies the weights: the SHA-256 of the file that an option specifies, or its random seed.</summary>
    /// <param name="weights">The option.</param>
    /// <param name="entry">The catalog entry of the graph's ImageNet weights; null if there is none.</param>
    /// <param name="store">The store of ImageNet weights, which holds the file.</param>
    public static string IdentityOf(Weights weights, CatalogEntry? entry, WeightStore store)
    {
        if (weights.Kind == WeightsKind.Random)
            return weights.ToString();
        var carried = weights.Kind == WeightsKind.ImageNet ? store.Bundled(entry!) : weights.Kind == WeightsKind.Stream ? weights : null;
        using var stream = carried?.Open!();
        var identity = stream is null ? IdentityOf(weights.Name ?? store.PathsOf(entry!).Target) : Sha256(SHA256.HashData(stream));
        return weights.ByName ? $"{identity} by name" : identity;
    }

    /// <summary>Returns text that identifies a weight file by its content, shards included: a SHA-256.</summary>
    /// <exception cref="WeightsUnavailableException">The file does not exist or cannot be read.</exception>
    public static string IdentityOf(string path)
    {
        if (path.EndsWith(ShardedWeights.Extension, StringComparison.OrdinalIgnoreCase))
        {
            using var shards = OpenFile(path, WeightFile.Open);
            return Sha256(SHA256.HashData(Encoding.UTF8.GetBytes(shards.Hash)));
        }
        using var file = OpenFile(path, WeightFile.OpenStream);
        return Sha256(SHA256.HashData(file));
    }

    private static string Sha256(byte[] hash) => $"sha256:{Convert.ToHexStringLower(hash)}";

    /// <summary>Opens a file of the user's.</summary>
    /// <exception cref="WeightsUnavailableException">The file does not exist or cannot be read.</exception>
    public static T OpenFile<T>(string path, Func<string, T> open)
    {
        try
        {
            return open(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw WeightsUnavailableException.NoSuchFile(path, e);
        }
    }
}

using TransferKit.Backbones;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;

namespace TransferKit;

/// <summary>
/// Adds to <see cref="WeightStore"/> the weights of a backbone with options. Keras' file depends on the top and, for the MobileNets, on
/// width and input size.
/// </summary>
public static class BackboneWeights
{
    extension(WeightStore store)
    {
        /// <summary>Gets the name of Keras' ImageNet weight file for a backbone, which is also its name in the cache.</summary>
        /// <param name="name">Keras' name, such as <c>xception</c>.</param>
        /// <param name="options">The options of the backbone. Defaults to Keras' own.</param>
        /// <exception cref="UnknownNameException">No backbone has this name.</exception>
        /// <exception cref="BackboneOptionsException">The options do not fit each other or the backbone.</exception>
        /// <exception cref="WeightsUnavailableException">Keras publishes no weights for these options.</exception>
        public static string WeightsFile(string name, BackboneOptions? options = null) =>
            Published(BackbonePlan.Of(name, options ?? new())).File;

        /// <summary>
        /// Downloads a backbone's ImageNet weights ahead of time, for example when a container image is built, and checks that they fit.
        /// A cached file is verified and stays.
        /// </summary>
        /// <param name="name">Keras' name, such as <c>xception</c>.</param>
        /// <param name="options">The options of the backbone, whose store is ignored. Defaults to Keras' own.</param>
        /// <param name="progress">Progress reporter for the download.</param>
        /// <param name="cancellationToken">Token to cancel the download; the next one resumes it.</param>
        /// <returns>The path of the weight file.</returns>
        /// <exception cref="UnknownNameException">No backbone has this name.</exception>
        /// <exception cref="BackboneOptionsException">The options do not fit each other or the backbone.</exception>
        /// <exception cref="WeightsUnavailableException">The weights are not cached and cannot be downloaded.</exception>
        /// <exception cref="WeightsDownloadException">No address served the right file.</exception>
        public async Task<string> FetchWeightsAsync(
            string name, BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
            CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(store);
            var plan = BackbonePlan.Of(name, options ?? new());
            var file = await store
                .EnsureAsync(Published(plan), f => WeightBinder.Bind(f, plan.Graph).Dispose(), progress, cancellationToken)
                .ConfigureAwait(false);
            return file.Path;
        }
    }

    private static CatalogEntry Published(BackbonePlan plan) =>
        plan.PublishedWeights ?? throw WeightsUnavailableException.NotPublished(plan.Graph.Name);
}

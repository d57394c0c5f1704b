using TransferKit.Engine;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Store;

namespace TransferKit.Backbones;

/// <summary>Loads a backbone: plans it, opens its weights, then compiles it or takes it from the cache.</summary>
internal static class BackboneLoader
{
    // The task runs outside the caller's synchronization context, so that waiting for it cannot deadlock a user interface.
    public static LoadedBackbone Load(
        string name, BackboneOptions options, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken) =>
        LoadAsync(name, options, progress, cancellationToken).GetAwaiter().GetResult();

    // Compiling and loading are long computations, and the caller may be on the thread of a user interface.
    public static Task<LoadedBackbone> LoadAsync(
        string name, BackboneOptions options, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken) =>
        EngineLibrary.LoadDuringAsync(
            () => LoadAsync(BackbonePlan.Of(name, options), progress, cancellationToken), cancellationToken);

    private static async Task<LoadedBackbone> LoadAsync(
        BackbonePlan plan, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken)
    {
        // A missing device is reported before anything is downloaded.
        DeviceProvider.Of(plan.Options.Device);
        var prepared = Task.Run(() => FirstRun.Prepare(plan.Preprocess), CancellationToken.None);
        try
        {
            var store = new WeightStore(plan.Options.Store);
            using var weights = await OpenWeightsAsync(plan, store, progress, cancellationToken).ConfigureAwait(false);
            var loaded = LoadedBackbone.Load(plan, weights, CompilerOptions(plan, store), cancellationToken);
            loaded.Identify = () => new(
                plan.Describe(), () => WeightLoader.IdentityOf(plan.Options.Weights, plan.PublishedWeights, store));
            return loaded;
        }
        finally
        {
            // The load itself throws where the library is missing.
            await prepared.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Opens the source of the graph's weights. A file is bound to the graph and checked before any weight is read.</summary>
    public static Task<IWeightSource> OpenWeightsAsync(
        BackbonePlan plan, WeightStore store, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken) =>
        WeightLoader.OpenAsync(
            plan.Options.Weights, plan.Graph, plan.PublishedWeights, !plan.Options.IncludeTop, store, progress, cancellationToken);

    /// <remarks>Random weights are not cached: they are seldom drawn twice, and would fill the disk.</remarks>
    public static CompilerOptions CompilerOptions(BackbonePlan plan, WeightStore store) => new()
    {
        Precision = plan.Options.Precision,
        Calibration = plan.Options.Calibration,
        Device = plan.Options.Device,
        ConfigureSession = plan.Options.ConfigureSession,
        CacheFolder = plan.Options.CacheCompiledModel && plan.Options.Weights.Kind != WeightsKind.Random
            ? store.OpenCompiledModels()
            : null,
        Log = store.Log,
    };
}

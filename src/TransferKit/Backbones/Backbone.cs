using System.Runtime.CompilerServices;
using TransferKit.Architectures;
using TransferKit.Backbones;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;

namespace TransferKit;

/// <summary>
/// Keras' applications by name: <c>Backbone.Load("xception", includeTop: false, pooling: Pooling.Avg)</c>. Their names are
/// constants in <see cref="Applications"/>.
/// </summary>
public abstract class Backbone : IBackbone
{
    internal BackboneRuntime Runtime { get; }

    private protected Backbone(string name, BackboneOptions? options) :
        this(BackboneRuntime.Load(BackbonePlan.Of(name, options ?? new()), null, CancellationToken.None)) { }

    private protected Backbone(BackboneRuntime runtime) => Runtime = runtime;

    /// <summary>Every application, with what a choice between them needs.</summary>
    public static IReadOnlyList<BackboneInfo> All => field ??= [.. Registry.All.Select(a => new BackboneInfo(a))];

    /// <inheritdoc/>
    public string Name => Runtime.Plan.Graph.Name;

    /// <inheritdoc/>
    public ImageSize InputSize => Runtime.Plan.InputSize;

    /// <inheritdoc/>
    public PreprocessMode Preprocess => Runtime.Plan.Preprocess;

    /// <inheritdoc/>
    public ImageLoadOptions Images => Runtime.Images;

    /// <inheritdoc/>
    public IReadOnlyList<string> UnboundLayers => Runtime.UnboundLayers;

    /// <inheritdoc/>
    public IReadOnlyList<BackboneOutput> Outputs => Runtime.Outputs;

    /// <summary>Loads a backbone: downloads its weights if they are not cached, compiles it, and readies the engine.</summary>
    /// <param name="name">Keras' name, <c>xception</c>; upper and lower case are one.</param>
    /// <param name="includeTop">Whether the classifier is included.</param>
    /// <param name="pooling">What follows the last map when the top is off.</param>
    /// <param name="inputSize">Height and width; the application's own when left out.</param>
    /// <param name="classes">How many classes the top tells apart.</param>
    /// <param name="classifierActivation">What the top ends with.</param>
    /// <param name="weights">Where the weights come from; ImageNet's when left out.</param>
    /// <param name="layer">The layer whose output is wanted, <c>fc2</c>; the end of the network when left out.</param>
    /// <param name="alpha">The width of the network, for the MobileNets.</param>
    /// <exception cref="UnknownNameException">There is no such backbone or layer.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other or the backbone.</exception>
    /// <exception cref="TransferKitException">The weights cannot be had, or are not this model's.</exception>
    public static IBackbone Load(
        string name, bool includeTop = true, Pooling pooling = Pooling.None, ImageSize? inputSize = null, int classes = 1000,
        ClassifierActivation classifierActivation = ClassifierActivation.Softmax, Weights? weights = null, string? layer = null,
        double? alpha = null) =>
        Load(name, new BackboneOptions
        {
            IncludeTop = includeTop,
            Pooling = pooling,
            InputSize = inputSize,
            Classes = classes,
            ClassifierActivation = classifierActivation,
            Weights = weights ?? Weights.ImageNet,
            Layers = layer is null ? [] : [layer],
            Alpha = alpha,
        });

    /// <inheritdoc cref="Load(string, bool, Pooling, ImageSize?, int, ClassifierActivation, Weights?, string?, double?)"/>
    /// <param name="name">Keras' name, <c>xception</c>; upper and lower case are one.</param>
    /// <param name="options">How it is built and run.</param>
    /// <param name="progress">Told of the download.</param>
    /// <param name="cancellationToken">Stops the download or the compilation; nothing half-made is left.</param>
    // So that Load("vgg16", new() { … }) means these options and not a bool.
    [OverloadResolutionPriority(1)]
    public static IBackbone Load(
        string name, BackboneOptions options, IProgress<WeightDownloadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        new NamedBackbone(BackboneRuntime.Load(BackbonePlan.Of(name, options), progress, cancellationToken));

    /// <inheritdoc cref="Load(string, bool, Pooling, ImageSize?, int, ClassifierActivation, Weights?, string?, double?)"/>
    /// <param name="name">Keras' name, <c>xception</c>; upper and lower case are one.</param>
    /// <param name="options">How it is built and run; Keras' defaults when left out.</param>
    /// <param name="progress">Told of the download.</param>
    /// <param name="cancellationToken">Stops the download or the compilation; nothing half-made is left.</param>
    public static async Task<IBackbone> LoadAsync(
        string name, BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new NamedBackbone(await OpenAsync(name, options, progress, cancellationToken).ConfigureAwait(false));

    private protected static Task<BackboneRuntime> OpenAsync(
        string name, BackboneOptions? options, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var plan = BackbonePlan.Of(name, options ?? new());
        return Task.Run(() => BackboneRuntime.LoadAsync(plan, progress, cancellationToken), cancellationToken);
    }

    /// <summary>The layer table of a backbone, without its weights (Keras: <c>model.summary()</c>).</summary>
    /// <param name="name">Keras' name, <c>vgg16</c>.</param>
    /// <param name="options">How it would be built; Keras' defaults when left out.</param>
    /// <exception cref="UnknownNameException">There is no such backbone.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other or the backbone.</exception>
    public static ModelSummary Summary(string name, BackboneOptions? options = null) => new(BackbonePlan.Of(name, options ?? new()).Graph);

    /// <summary>
    /// Gets the resolutions of a backbone, the finest first, and the last layer of each, before the next downsampling: where detectors and
    /// segmenters read features, as by timm's <c>features_only</c>. It needs no weights. With
    /// <see cref="BackboneOptions.AllStages"/>, one run gives all of them.
    /// </summary>
    /// <param name="name">Keras' name, <c>resnet50</c>.</param>
    /// <param name="options">How it would be built; Keras' defaults when left out.</param>
    /// <exception cref="UnknownNameException">There is no such backbone.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other or the backbone.</exception>
    public static IReadOnlyList<BackboneOutput> Stages(string name, BackboneOptions? options = null) =>
        [.. Graph.Stages.Of(BackbonePlan.Of(name, options ?? new()).Graph).Select(s => new BackboneOutput(s.Layer, s.Reduction))];

    /// <summary>
    /// Writes a backbone with its weights as an <c>.onnx</c> file for any ONNX runtime. Weights past 2 GB go to a file beside
    /// it, <c>NAME.onnx.data</c>.
    /// </summary>
    /// <param name="name">Keras' name, <c>xception</c>.</param>
    /// <param name="path">The file, replaced when the new one is whole.</param>
    /// <param name="options">How the backbone is built; Keras' defaults when left out.</param>
    /// <param name="export">What the model takes; bytes when left out.</param>
    /// <exception cref="OutputFormatException">The extension is not <c>.onnx</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    /// <inheritdoc cref="Load(string, bool, Pooling, ImageSize?, int, ClassifierActivation, Weights?, string?, double?)" path="/exception"/>
    /// <param name="progress">Told of a download.</param>
    /// <param name="cancellationToken">Stops it; nothing half-written is left.</param>
    public static void ExportOnnx(
        string name, string path, BackboneOptions? options = null, OnnxExportOptions? export = null,
        IProgress<WeightDownloadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        ExportOnnxAsync(name, path, options, export, progress, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExportOnnx(string, string, BackboneOptions?, OnnxExportOptions?, IProgress{WeightDownloadProgress}?, CancellationToken)"/>
    /// <param name="name">Keras' name, <c>xception</c>.</param>
    /// <param name="path">The file, replaced when the new one is whole.</param>
    /// <param name="options">How the backbone is built; Keras' defaults when left out.</param>
    /// <param name="export">What the model takes; bytes when left out.</param>
    /// <param name="progress">Told of the download.</param>
    /// <param name="cancellationToken">Stops it; nothing half-written is left.</param>
    public static async Task ExportOnnxAsync(
        string name, string path, BackboneOptions? options = null, OnnxExportOptions? export = null,
        IProgress<WeightDownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var plan = BackbonePlan.Of(name, options ?? new());
        var input = (export ?? new()).Input;
        await Task.Run(() => plan.ExportAsync(path, input, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a backbone's weights as Keras' legacy <c>.h5</c>, which Keras' <c>load_weights</c> takes.</summary>
    /// <param name="name">Keras' name, <c>xception</c>.</param>
    /// <param name="path">The file, replaced when the new one is whole.</param>
    /// <param name="options">How the backbone is built and which weights it has; Keras' defaults when left out.</param>
    /// <param name="progress">Told of a download.</param>
    /// <param name="cancellationToken">Stops it; nothing half-written is left.</param>
    /// <exception cref="OutputFormatException">The extension is not <c>.h5</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    /// <inheritdoc cref="Load(string, bool, Pooling, ImageSize?, int, ClassifierActivation, Weights?, string?, double?)" path="/exception"/>
    public static void SaveWeights(
        string name, string path, BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        SaveWeightsAsync(name, path, options, progress, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="SaveWeights"/>
    public static async Task SaveWeightsAsync(
        string name, string path, BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var plan = BackbonePlan.Of(name, options ?? new());
        await Task.Run(() => plan.SaveWeightsAsync(path, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The name of Keras' ImageNet weight file for a backbone, as it is in the cache. It depends on the top and, for the
    /// MobileNets, on width and input size.
    /// </summary>
    /// <param name="name">Keras' name, <c>xception</c>.</param>
    /// <param name="options">How it would be built; Keras' defaults when left out.</param>
    /// <exception cref="WeightsUnavailableException">Keras publishes no weights for these options.</exception>
    /// <inheritdoc cref="Summary(string, BackboneOptions?)" path="/exception"/>
    public static string WeightsFile(string name, BackboneOptions? options = null) => Published(BackbonePlan.Of(name, options ?? new())).File;

    /// <summary>
    /// Downloads a backbone's ImageNet weights ahead of time, as when a container image is built; returns their path. What
    /// is there already is verified and left.
    /// </summary>
    /// <param name="name">Keras' name, <c>xception</c>.</param>
    /// <param name="options">How it would be built, and <see cref="BackboneOptions.Store"/>; Keras' defaults when left out.</param>
    /// <param name="progress">Told of the download.</param>
    /// <param name="cancellationToken">Ends the download; what has arrived is kept for the next.</param>
    /// <exception cref="WeightsUnavailableException">They are absent and were not to be downloaded.</exception>
    /// <exception cref="WeightsDownloadException">No address gave the right file.</exception>
    /// <inheritdoc cref="Summary(string, BackboneOptions?)" path="/exception"/>
    public static async Task<string> FetchWeightsAsync(
        string name, BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var plan = BackbonePlan.Of(name, options ?? new());
        var file = await new WeightStore(plan.Options.Store)
            .EnsureAsync(Published(plan), f => WeightBinder.Bind(f, plan.Graph).Dispose(), progress, cancellationToken).ConfigureAwait(false);
        return file.Path;
    }

    private static CatalogEntry Published(BackbonePlan plan) =>
        plan.PublishedWeights ?? throw WeightsUnavailableException.NotPublished(plan.Graph.Name);

    internal static void Validate(string name, BackboneOptions options) => BackbonePlan.Of(name, options);

    /// <inheritdoc/>
    public FeatureTensor Predict(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default) =>
        Runtime.TheOutput(Runtime.Run(pixels, cancellationToken));

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<byte> pixels, Memory<float> output, CancellationToken cancellationToken = default) =>
        Runtime.Run(pixels, output, cancellationToken);

    /// <inheritdoc/>
    public FeatureTensor Predict(ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default) =>
        Runtime.TheOutput(Runtime.Run(pixels, cancellationToken));

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, FeatureTensor> PredictAll(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default) =>
        Runtime.ByLayer(Runtime.Run(pixels, cancellationToken));

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, FeatureTensor> PredictAll(ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default) =>
        Runtime.ByLayer(Runtime.Run(pixels, cancellationToken));

    /// <inheritdoc/>
    public ModelSummary Summary() => new(Runtime.Plan.Graph);

    /// <summary>Frees the engine and its memory.</summary>
    public void Dispose()
    {
        Runtime.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The backbone's name and outputs.</summary>
    public override string ToString() => $"{Name} {InputSize} -> {string.Join(", ", Outputs)}";

    private sealed class NamedBackbone(BackboneRuntime runtime) : Backbone(runtime);
}

using System.Runtime.CompilerServices;
using TransferKit.Architectures;
using TransferKit.Backbones;

namespace TransferKit;

/// <summary>
/// Loads Keras' applications by name: <c>Backbone.Load("xception", includeTop: false, pooling: Pooling.Avg)</c>.
/// <see cref="Applications"/> defines the names.
/// </summary>
public static class Backbone
{
    /// <summary>Gets a description of every application, to choose one by.</summary>
    public static IReadOnlyList<BackboneInfo> All => field ??= [.. Registry.All.Select(a => new BackboneInfo(a))];

    /// <summary>Loads a backbone: downloads its weights if they are not cached, compiles it, and starts the engine.</summary>
    /// <param name="name">Keras' name, such as <c>xception</c>. Case is ignored.</param>
    /// <param name="includeTop">Whether the network includes the classifier.</param>
    /// <param name="pooling">The pooling after the last map of a network without its top.</param>
    /// <param name="inputSize">The height and width of images in pixels. Defaults to the application's own.</param>
    /// <param name="classes">The number of classes of the top.</param>
    /// <param name="classifierActivation">The activation of the top.</param>
    /// <param name="weights">The source of the weights. Defaults to ImageNet's.</param>
    /// <param name="layer">The layer to output, such as <c>fc2</c>. Defaults to the last one.</param>
    /// <param name="alpha">The width multiplier of a MobileNet.</param>
    /// <exception cref="UnknownNameException">No backbone or layer has this name.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other or the backbone.</exception>
    /// <exception cref="TransferKitException">The weights are unavailable, or are not this model's.</exception>
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

    /// <inheritdoc
    ///     cref="Load(string, bool, Pooling, ImageSize?, int, ClassifierActivation, Weights?, string?, double?)"
    ///     path="/summary|/returns|/exception|/remarks"/>
    /// <param name="name">Keras' name, such as <c>xception</c>. Case is ignored.</param>
    /// <param name="options">The options to build and run it with.</param>
    /// <param name="progress">Progress reporter for the download.</param>
    /// <param name="cancellationToken">Token to cancel the download or the compilation; no incomplete file remains.</param>
    // Without the attribute, Load("vgg16", new() { … }) would be ambiguous: new() can also create a bool.
    [OverloadResolutionPriority(1)]
    public static IBackbone Load(
        string name, BackboneOptions options, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        BackboneLoader.Load(name, options, progress, cancellationToken);

    /// <inheritdoc
    ///     cref="Load(string, bool, Pooling, ImageSize?, int, ClassifierActivation, Weights?, string?, double?)"
    ///     path="/summary|/returns|/exception|/remarks"/>
    /// <param name="name">Keras' name, such as <c>xception</c>. Case is ignored.</param>
    /// <param name="options">The options to build and run it with. Defaults to Keras' own.</param>
    /// <param name="progress">Progress reporter for the download.</param>
    /// <param name="cancellationToken">Token to cancel the download or the compilation; no incomplete file remains.</param>
    public static async Task<IBackbone> LoadAsync(
        string name, BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        await BackboneLoader.LoadAsync(name, options ?? new(), progress, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Loads a backbone from an <c>.onnx</c> file of another library, such as an export of PyTorch, timm or Hugging Face. A
    /// <c>preprocessor_config.json</c> beside it says how pictures are prepared.
    /// </summary>
    /// <param name="path">The path of the file. Its external data must be in files beside it.</param>
    /// <param name="options">The options to run it with. Defaults to what the file and the configuration beside it say.</param>
    /// <param name="cancellationToken">Token to cancel the compilation.</param>
    /// <remarks>
    /// Outputs are as Keras': vectors, and maps with the channel last. The preparation is computed before the file's first node, so
    /// <see cref="IBackbone.Preprocess"/> is <see cref="PreprocessMode.None"/>, and pixels are 0 to 255.
    /// </remarks>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="OnnxModelException">
    /// The file is no image model that can be run, or nothing says how its pictures are prepared; the message names the cure.
    /// </exception>
    /// <exception cref="DeviceUnavailableException">
    /// ONNX Runtime lacks the provider of <see cref="OnnxOptions.Device"/>, or the machine its device.
    /// </exception>
    /// <exception cref="UnknownNameException">The file computes no value of a name in <see cref="OnnxOptions.Outputs"/>.</exception>
    /// <exception cref="ArgumentException">The options do not fit each other.</exception>
    /// <example>
    /// <code>
    /// using IBackbone dino = Backbone.FromOnnx("dinov2/model.onnx", new() { Outputs = ["last_hidden_state"], Pooling = OnnxPooling.Cls });
    /// FeatureTensor features = dino.Predict("photo.jpg");
    /// </code>
    /// </example>
    public static IBackbone FromOnnx(string path, OnnxOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        options.Check();
        return OnnxLoader.Load(path, options, cancellationToken);
    }

    /// <summary>Gets the layer table of a backbone without loading its weights (Keras: <c>model.summary()</c>).</summary>
    /// <param name="name">Keras' name, such as <c>vgg16</c>.</param>
    /// <param name="options">The options to build it with. Defaults to Keras' own.</param>
    /// <exception cref="UnknownNameException">No backbone has this name.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other or the backbone.</exception>
    public static ModelSummary Summary(string name, BackboneOptions? options = null) => new(BackbonePlan.Of(name, options ?? new()).Graph);

    /// <summary>
    /// Gets the last layer of each resolution of a backbone, the finest first: detectors and segmenters read features there, as with
    /// timm's <c>features_only</c>. It needs no weights. <see cref="BackboneOptions.AllStages"/> outputs all of them in one run.
    /// </summary>
    /// <param name="name">Keras' name, such as <c>resnet50</c>.</param>
    /// <param name="options">The options to build it with. Defaults to Keras' own.</param>
    /// <exception cref="UnknownNameException">No backbone has this name.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other or the backbone.</exception>
    public static IReadOnlyList<BackboneOutput> Stages(string name, BackboneOptions? options = null) =>
    [
        .. Graph.Stages.Of(BackbonePlan.Of(name, options ?? new()).Graph)
            .Select(s => new BackboneOutput(s.Layer.Name, s.Layer, s.Reduction)),
    ];

    /// <summary>
    /// Writes a backbone with its weights as an <c>.onnx</c> file for any ONNX runtime. Weights of more than 2 GB are in a second
    /// file beside it, <c>NAME.onnx.data</c>.
    /// </summary>
    /// <param name="name">Keras' name, such as <c>xception</c>.</param>
    /// <param name="path">The file to write. An existing one is replaced when the new one is complete.</param>
    /// <param name="options">The options to build it with. Defaults to Keras' own.</param>
    /// <param name="input">The input of the exported model.</param>
    /// <exception cref="OutputFormatException">The extension is not <c>.onnx</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    /// <inheritdoc
    ///     cref="Load(string, bool, Pooling, ImageSize?, int, ClassifierActivation, Weights?, string?, double?)"
    ///     path="/exception"/>
    /// <param name="progress">Progress reporter for the download.</param>
    /// <param name="cancellationToken">Token to cancel the work; no incomplete file remains.</param>
    public static void ExportOnnx(
        string name, string path, BackboneOptions? options = null, OnnxInput input = OnnxInput.Bytes,
        IProgress<WeightDownloadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        ExportOnnxAsync(name, path, options, input, progress, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc
    ///     cref="ExportOnnx(string, string, BackboneOptions?, OnnxInput, IProgress{WeightDownloadProgress}?, CancellationToken)"/>
    public static async Task ExportOnnxAsync(
        string name, string path, BackboneOptions? options = null, OnnxInput input = OnnxInput.Bytes,
        IProgress<WeightDownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var plan = BackbonePlan.Of(name, options ?? new());
        await Task.Run(() => BackboneExporter.WriteOnnxAsync(plan, path, input, progress, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Writes a backbone with its weights as a file that Keras 3's <c>load_model</c> reads: <c>.keras</c>, or a whole model as <c>.h5</c>.
    /// The model takes pixels after <c>preprocess_input</c>, as in Keras, unless the network prepares them itself.
    /// </summary>
    /// <param name="name">Keras' name, such as <c>xception</c>.</param>
    /// <param name="path">
    /// The <c>.keras</c> or <c>.h5</c> file to write, or <c>.weights.h5</c> for the weights alone. An existing one is replaced when the new
    /// one is complete.
    /// </param>
    /// <param name="options">The options to build it with, its weights included. Defaults to Keras' own.</param>
    /// <param name="progress">Progress reporter for the download.</param>
    /// <param name="cancellationToken">Token to cancel the work; no incomplete file remains.</param>
    /// <remarks>
    /// Keras finds the layers of its own that ConvNeXt and Inception-ResNet have in a <c>.h5</c> file only if <c>custom_objects</c> names
    /// them, also where Keras wrote the file; <c>.keras</c> needs nothing.
    /// </remarks>
    /// <exception cref="OutputFormatException">The extension is neither <c>.keras</c> nor <c>.h5</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    /// <inheritdoc
    ///     cref="Load(string, bool, Pooling, ImageSize?, int, ClassifierActivation, Weights?, string?, double?)"
    ///     path="/exception"/>
    public static void SaveKeras(
        string name, string path, BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        SaveKerasAsync(name, path, options, progress, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="SaveKeras"/>
    public static async Task SaveKerasAsync(
        string name, string path, BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var plan = BackbonePlan.Of(name, options ?? new());
        await Task.Run(() => BackboneExporter.WriteKerasAsync(plan, path, progress, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Writes a backbone's weights for Keras' <c>load_weights</c>: as legacy <c>.h5</c>, or as Keras 3's <c>.weights.h5</c> if the path
    /// ends so.
    /// </summary>
    /// <param name="name">Keras' name, such as <c>xception</c>.</param>
    /// <param name="path">The file to write. An existing one is replaced when the new one is complete.</param>
    /// <param name="options">The options to build it with, its weights included. Defaults to Keras' own.</param>
    /// <param name="progress">Progress reporter for the download.</param>
    /// <param name="cancellationToken">Token to cancel the work; no incomplete file remains.</param>
    /// <exception cref="OutputFormatException">The extension is not <c>.h5</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    /// <inheritdoc
    ///     cref="Load(string, bool, Pooling, ImageSize?, int, ClassifierActivation, Weights?, string?, double?)"
    ///     path="/exception"/>
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
        await Task.Run(() => BackboneExporter.WriteWeightsAsync(plan, path, progress, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    internal static void Validate(string name, BackboneOptions options) => BackbonePlan.Of(name, options);
}

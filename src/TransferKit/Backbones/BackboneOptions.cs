using Microsoft.ML.OnnxRuntime;

namespace TransferKit;

/// <summary>Represents the options to build and run a backbone with. Every default is Keras'.</summary>
public sealed record BackboneOptions
{
    /// <summary>Gets whether the network includes the classifier (Keras: <c>include_top</c>). Defaults to true.</summary>
    public bool IncludeTop { get; init; } = true;

    /// <summary>Gets the pooling after the last map of a network without its top (Keras: <c>pooling</c>). Defaults to none.</summary>
    public Pooling Pooling { get; init; } = Pooling.None;

    /// <summary>
    /// Gets the height and width of the images in pixels (Keras: <c>input_shape</c>). Defaults to the application's own size.
    /// With ImageNet weights and the top, most applications take no other size. Without the top, any size from the minimum is valid.
    /// </summary>
    public ImageSize? InputSize { get; init; }

    /// <summary>Gets the number of classes of the top (Keras: <c>classes</c>). Defaults to 1,000, which ImageNet weights require.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Gets the activation of the top (Keras: <c>classifier_activation</c>). Defaults to softmax.</summary>
    public ClassifierActivation ClassifierActivation { get; init; } = ClassifierActivation.Softmax;

    /// <summary>Gets the source of the weights (Keras: <c>weights</c>). Defaults to ImageNet's.</summary>
    public Weights Weights { get; init; } = Weights.ImageNet;

    /// <summary>
    /// Gets the layers to output, by Keras' names: <c>["fc2"]</c>, or several in one run. Defaults to an empty list, which means the
    /// last layer.
    /// </summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>
    /// Gets whether the outputs are all <see cref="Backbone.Stages"/> instead of <see cref="Layers"/>: the last layer of each
    /// resolution. <see cref="IBackbone.PredictAll(ReadOnlySpan{byte}, CancellationToken)"/> returns all of them. Defaults to false.
    /// </summary>
    public bool AllStages { get; init; }

    /// <summary>Gets the width multiplier of a MobileNet (Keras: <c>alpha</c>). Defaults to 1.</summary>
    public double? Alpha { get; init; }

    /// <summary>Gets MobileNet's <c>depth_multiplier</c>. Defaults to 1.</summary>
    public int? DepthMultiplier { get; init; }

    /// <summary>Gets MobileNetV3's <c>minimalistic</c>: no squeeze and excitation, hard swish or 5x5 kernels. Defaults to false.</summary>
    public bool? Minimalistic { get; init; }

    /// <summary>
    /// Gets whether the model prepares pixels itself (Keras: <c>include_preprocessing</c>). Defaults to true for families that have
    /// this option. If false, pass prepared floats: Keras' <c>preprocess_input</c> does nothing for these families.
    /// </summary>
    public bool? IncludePreprocessing { get; init; }

    /// <summary>Gets the rate of the dropout before the classifier, for training (Keras: <c>dropout_rate</c>, <c>dropout</c>).</summary>
    public double? DropoutRate { get; init; }

    /// <summary>Gets EfficientNet's rate of dropped blocks, for training (Keras: <c>drop_connect_rate</c>).</summary>
    public double? DropConnectRate { get; init; }

    /// <summary>
    /// Gets the preprocessing of pixels before the first layer. Defaults to the application's own. With
    /// <see cref="PreprocessMode.None"/> the backbone takes prepared arrays, as Keras' <c>predict</c> does.
    /// </summary>
    public PreprocessMode? Preprocess { get; init; }

    /// <summary>
    /// Gets the options to decode and resize images with in calls that pass none; <see cref="IBackbone.Images"/> returns them.
    /// Defaults to Keras' <c>load_img</c>.
    /// </summary>
    public ImageLoadOptions Images { get; init; } = new();

    /// <summary>Gets the options of the store of weights and compiled models. Defaults to Keras' folder and addresses.</summary>
    public WeightStoreOptions? Store { get; init; }

    /// <summary>
    /// Gets whether the compiled model is cached beside the weights, for a faster next start. Defaults to true. Otherwise it is in the
    /// system's temporary folder until the backbone is disposed; models of random weights are never cached.
    /// </summary>
    public bool CacheCompiledModel { get; init; } = true;

    /// <summary>Gets the precision of the backbone's arithmetic and weights. Defaults to Keras' 32-bit floats.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Gets the calibration for <see cref="Precision.Int8"/>, which requires one. Other precisions refuse it.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>
    /// Gets the device that runs the network. Defaults to the CPU. Other devices need a package of ONNX Runtime that the application
    /// references, and refuse <see cref="Precision.Int8"/>.
    /// </summary>
    public ExecutionDevice Device { get; init; } = ExecutionDevice.Cpu;

    /// <summary>
    /// Gets a delegate that changes ONNX Runtime's session options: threads, optimiser level, another execution provider. It runs once,
    /// after <see cref="Device"/> and before the model is loaded.
    /// </summary>
    public Action<SessionOptions>? ConfigureSession { get; init; }

    /// <summary>Copies the options and their parts, because configuration writes into them and other backbones may share them.</summary>
    internal BackboneOptions Copy() => this with
    {
        Images = Images with { Decode = Images.Decode with { } },
        Store = Store is null ? null : Store with { },
        Calibration = Calibration is null ? null : Calibration with { },
    };
}

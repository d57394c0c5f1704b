using Microsoft.ML.OnnxRuntime;

namespace TransferKit;

/// <summary>How a backbone is built and run; every default is Keras'.</summary>
public sealed record BackboneOptions
{
    /// <summary>Whether the classifier is included (Keras: <c>include_top</c>).</summary>
    public bool IncludeTop { get; init; } = true;

    /// <summary>What follows the last map when the top is off (Keras: <c>pooling</c>).</summary>
    public Pooling Pooling { get; init; } = Pooling.None;

    /// <summary>
    /// Height and width of the images in pixels (Keras: <c>input_shape</c>); the application's own size when left out.
    /// Fixed with the ImageNet top, free from the application's minimum without.
    /// </summary>
    public ImageSize? InputSize { get; init; }

    /// <summary>How many classes the top tells apart (Keras: <c>classes</c>); 1,000 with the ImageNet weights.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>What the top ends with (Keras: <c>classifier_activation</c>).</summary>
    public ClassifierActivation ClassifierActivation { get; init; } = ClassifierActivation.Softmax;

    /// <summary>Where the weights come from (Keras: <c>weights</c>).</summary>
    public Weights Weights { get; init; } = Weights.ImageNet;

    /// <summary>
    /// The layers whose outputs are wanted, by Keras' names: <c>["fc2"]</c>, or several for one run. The end of the
    /// network when empty.
    /// </summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>
    /// Whether the outputs of all stages are wanted, in place of <see cref="Layers"/>: for each resolution the last layer
    /// before the next downsampling, <see cref="Backbone.Stages"/>. One <see cref="IBackbone.PredictAll(ReadOnlySpan{byte}, CancellationToken)"/>
    /// gives them all.
    /// </summary>
    public bool AllStages { get; init; }

    /// <summary>The width of the network, for the MobileNets (Keras: <c>alpha</c>); 1 when left out.</summary>
    public double? Alpha { get; init; }

    /// <summary>MobileNet's <c>depth_multiplier</c>; 1 when left out.</summary>
    public int? DepthMultiplier { get; init; }

    /// <summary>MobileNetV3's <c>minimalistic</c>: no squeeze and excitation, no hard swish, no 5x5 convolutions.</summary>
    public bool? Minimalistic { get; init; }

    /// <summary>
    /// Whether the model prepares pixels itself (Keras: <c>include_preprocessing</c>); where it can, it does. Where that is
    /// turned off nothing takes its place, since Keras' <c>preprocess_input</c> of those families does nothing: pass
    /// floats that are prepared.
    /// </summary>
    public bool? IncludePreprocessing { get; init; }

    /// <summary>The rate of the dropout before the classifier, for training (Keras: <c>dropout_rate</c>, <c>dropout</c>).</summary>
    public double? DropoutRate { get; init; }

    /// <summary>EfficientNet's rate of dropped blocks, for training (Keras: <c>drop_connect_rate</c>).</summary>
    public double? DropConnectRate { get; init; }

    /// <summary>
    /// What is done to pixels before the first layer; the application's own rule when left out. <see cref="PreprocessMode.None"/>
    /// takes arrays that are prepared already, as Keras' <c>predict</c> does.
    /// </summary>
    public PreprocessMode? Preprocess { get; init; }

    /// <summary>
    /// How image files become pixels where a call gives no options of its own; becomes <see cref="IBackbone.Images"/>.
    /// Defaults to Keras' <c>load_img</c>.
    /// </summary>
    public ImageLoadOptions Images { get; init; } = new();

    /// <summary>Where weights and compiled models are kept and come from; Keras' folder and addresses when left out.</summary>
    public WeightStoreOptions? Store { get; init; }

    /// <summary>
    /// Whether the compiled model is kept beside the weights for a faster next start. Off, it is written to the system's
    /// temporary folder and goes with the backbone, as that of random weights always does.
    /// </summary>
    public bool CacheCompiledModel { get; init; } = true;

    /// <summary>In which numbers the backbone computes and keeps its weights; as Keras does unless said otherwise.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>What <see cref="Precision.Int8"/> is calibrated with; without a meaning, and refused, otherwise.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>Changes ONNX Runtime's session options: execution providers, threads. Runs once, before the model is loaded.</summary>
    public Action<SessionOptions>? ConfigureSession { get; init; }
}

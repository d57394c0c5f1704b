using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>
/// The options that determine a graph, with Keras' names and meanings. An option that only some families have is null for the
/// family's default.
/// </summary>
internal sealed record BuildOptions
{
    public required ImageSize InputSize { get; init; }
    public bool IncludeTop { get; init; } = true;
    public Pooling Pooling { get; init; } = Pooling.None;
    public int Classes { get; init; } = 1000;
    public ClassifierActivation ClassifierActivation { get; init; } = ClassifierActivation.Softmax;

    /// <summary>The width factor of the MobileNets. Defaults to 1.</summary>
    public double? Alpha { get; init; }

    /// <summary>MobileNet's number of depthwise channels per input channel. Defaults to 1.</summary>
    public int? DepthMultiplier { get; init; }

    /// <summary>Whether MobileNetV3 does without squeeze and excitation, hard swish and 5x5 kernels.</summary>
    public bool? Minimalistic { get; init; }

    /// <summary>Whether the network preprocesses pixels itself. Defaults to true in families with this option.</summary>
    public bool? IncludePreprocessing { get; init; }

    /// <summary>The rate of the dropout before the classifier.</summary>
    public double? DropoutRate { get; init; }

    /// <summary>EfficientNet's rate of stochastic depth at the last block; it grows linearly from 0. Defaults to 0.2.</summary>
    public double? DropConnectRate { get; init; }

    /// <summary>Whether Keras' ImageNet weights will be loaded. They add rules for the options, and a layer to EfficientNet.</summary>
    public bool ImageNetWeights { get; init; }

    /// <summary>Whether an option is set that only some families have.</summary>
    public bool HasFamilyOptions =>
        Alpha.HasValue || DepthMultiplier.HasValue || Minimalistic.HasValue || IncludePreprocessing.HasValue || DropoutRate.HasValue
        || DropConnectRate.HasValue;

    /// <summary>All options in one line, in the invariant culture.</summary>
    public string Identity => FormattableString.Invariant(
        $"{InputSize} {IncludeTop} {Pooling} {Classes} {ClassifierActivation} {Alpha} {DepthMultiplier} {Minimalistic} ")
        + FormattableString.Invariant($"{IncludePreprocessing} {DropoutRate} {DropConnectRate} {ImageNetWeights}");

    /// <summary>The activation of the classifier layer; null for none.</summary>
    public ActivationKind? TopActivation =>
        ClassifierActivation == ClassifierActivation.Softmax ? ActivationKind.Softmax : null;
}

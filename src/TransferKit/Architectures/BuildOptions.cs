using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>
/// The options that shape a graph; names and meaning are Keras'. Those that only some families have are null for the
/// family's default.
/// </summary>
internal sealed record BuildOptions
{
    public required ImageSize InputSize { get; init; }
    public bool IncludeTop { get; init; } = true;
    public Pooling Pooling { get; init; } = Pooling.None;
    public int Classes { get; init; } = 1000;
    public ClassifierActivation ClassifierActivation { get; init; } = ClassifierActivation.Softmax;

    /// <summary>The width of the MobileNets, 1 by default.</summary>
    public double? Alpha { get; init; }

    /// <summary>MobileNet's depthwise channels per input channel, 1 by default.</summary>
    public int? DepthMultiplier { get; init; }

    /// <summary>MobileNetV3's plainer network: no squeeze and excitation, no hard swish, no 5x5 kernels.</summary>
    public bool? Minimalistic { get; init; }

    /// <summary>Whether the network prepares pixels itself, true by default where a family has the choice.</summary>
    public bool? IncludePreprocessing { get; init; }

    /// <summary>The rate of the dropout before the classifier.</summary>
    public double? DropoutRate { get; init; }

    /// <summary>EfficientNet's stochastic depth at the last block, 0.2 by default; it grows evenly from 0 at the first.</summary>
    public double? DropConnectRate { get; init; }

    /// <summary>Whether Keras' ImageNet weights follow: they bring rules of their own, and to EfficientNet one more layer.</summary>
    public bool ImageNetWeights { get; init; }

    /// <summary>All of them in one line, the same in every culture.</summary>
    public string Identity => FormattableString.Invariant(
        $"{InputSize} {IncludeTop} {Pooling} {Classes} {ClassifierActivation} {Alpha} {DepthMultiplier} {Minimalistic} {IncludePreprocessing} {DropoutRate} {DropConnectRate} {ImageNetWeights}");

    /// <summary>Null for no activation, as Keras' layers hold it.</summary>
    public ActivationKind? TopActivation =>
        ClassifierActivation == ClassifierActivation.Softmax ? ActivationKind.Softmax : null;
}

using TransferKit.Graph;

namespace TransferKit.Backbones;

/// <summary>The options that shape a graph, checked and complete; names and meaning are Keras'.</summary>
internal sealed record BuildOptions
{
    public required ImageSize InputSize { get; init; }
    public bool IncludeTop { get; init; } = true;
    public Pooling Pooling { get; init; } = Pooling.None;
    public int Classes { get; init; } = 1000;
    public ClassifierActivation ClassifierActivation { get; init; } = ClassifierActivation.Softmax;
    public double Alpha { get; init; } = 1.0;

    /// <summary>Null for no activation, as Keras' layers hold it.</summary>
    public ActivationKind? TopActivation =>
        ClassifierActivation == ClassifierActivation.Softmax ? ActivationKind.Softmax : null;
}

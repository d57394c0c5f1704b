using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>Represents a linear layer over the last dimension of a vector or a map.</summary>
internal sealed record Dense(int Units) : LayerOp
{
    public ActivationKind? Activation { get; init; }
    public bool UseBias { get; init; } = true;
    public Initializer KernelInitializer { get; init; } = Initializer.GlorotUniform;

    public override Shape Infer(ReadOnlySpan<Shape> inputs) =>
        inputs[0].WithChannels(Units);

    public override ImmutableArray<WeightSlot> Weights(Shape input)
    {
        var kernel = new WeightSlot("kernel", [input.Channels, Units], KernelInitializer);
        return UseBias ? [kernel, new("bias", [Units], Initializer.Zeros)] : [kernel];
    }

    public override ImmutableArray<KeyValuePair<string, object?>> Config =>
        [Entry("units", Units), Entry("activation", Activation.KerasName()), Entry("use_bias", UseBias)];
}

using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>A layer that computes each number from one number: its shape is its input's.</summary>
internal abstract record ElementwiseOp : LayerOp
{
    public sealed override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0];
}

internal sealed record Activation(ActivationKind? Kind) : ElementwiseOp
{
    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("activation", Kind.KerasName())];
}

internal sealed record ReLU(double? MaxValue = null) : ElementwiseOp
{
    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("max_value", MaxValue)];
}

/// <summary>Passes its input through; only training drops.</summary>
internal sealed record Dropout(double Rate) : ElementwiseOp
{
    /// <summary>Whether whole samples are dropped (Keras: <c>noise_shape=(None, 1, 1, 1)</c>, stochastic depth).</summary>
    public bool PerSample { get; init; }
}

/// <summary><c>x * scale + offset</c>; the scale may differ by channel.</summary>
internal sealed record Rescaling(ImmutableArray<double> Scale, double Offset = 0) : ElementwiseOp
{
    public Rescaling(double scale, double offset = 0) : this([scale], offset) { }

    public override ImmutableArray<KeyValuePair<string, object?>> Config =>
        [Entry("scale", Scale.Length == 1 ? Scale[0] : Scale.ToArray()), Entry("offset", Offset)];
}

/// <summary>An arithmetic operator between a layer and a constant, <c>x + 3.0</c> or <c>x * (1 / 6)</c>.</summary>
internal sealed record Lambda(double Scale, double Offset) : ElementwiseOp;

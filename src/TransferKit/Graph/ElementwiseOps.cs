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

/// <summary>The operator <c>x + 3.0</c> on a layer; Keras makes a layer <c>Add</c> with one input of it.</summary>
internal sealed record AddConstant(double Constant) : ElementwiseOp
{
    public override string TypeName => "Add";
}

/// <summary>The operator <c>x * 0.5</c> on a layer; Keras makes a layer <c>Multiply</c> with one input of it.</summary>
internal sealed record MultiplyConstant(double Constant) : ElementwiseOp
{
    public override string TypeName => "Multiply";
}

using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>Represents <c>max(x, slope * x)</c> for a slope below 1 (Keras: <c>LeakyReLU</c>).</summary>
internal sealed record LeakyReLU(double NegativeSlope = 0.3) : ElementwiseOp
{
    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("negative_slope", NegativeSlope)];
}

/// <summary>Represents x for positive x, and <c>alpha * (exp(x) - 1)</c> below.</summary>
internal sealed record ELU(double Alpha = 1) : ElementwiseOp
{
    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("alpha", Alpha)];
}

/// <summary>Represents Keras 2's <c>ThresholdedReLU</c>: x above theta, 0 elsewhere.</summary>
internal sealed record ThresholdedReLU(double Theta = 1) : ElementwiseOp
{
    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("theta", Theta)];
}

/// <summary>Represents the layer <c>Softmax</c>, over the channels.</summary>
internal sealed record Softmax : ElementwiseOp;

/// <summary>Represents x for positive x, and x times a weight below. Places along shared axes share the weight.</summary>
internal sealed record PReLU : LayerOp
{
    /// <summary>Gets the axes that share weights, numbered from 1: [1, 2] has a weight for each channel.</summary>
    public ImmutableArray<int> SharedAxes { get; init; } = [];

    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0];

    public override ImmutableArray<WeightSlot> Weights(Shape input) =>
        [new("alpha", [.. input.Dimensions.Select((d, i) => SharedAxes.Contains(i + 1) ? 1 : d)], Initializer.Zeros)];

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("shared_axes", SharedAxes.ToArray())];

    // Arrays compare by reference, and a copy of a graph must equal the graph.
    public bool Equals(PReLU? other) => other is not null && SharedAxes.SequenceEqual(other.SharedAxes);

    public override int GetHashCode() => SharedAxes.Length;
}

using System.Collections.Immutable;

namespace TransferKit.Graph;

internal sealed record BatchNormalization : LayerOp
{
    public double Epsilon { get; init; } = 1e-3;
    public bool Scale { get; init; } = true;
    public bool Center { get; init; } = true;

    /// <summary>Gets Keras' <c>momentum</c> of the moving mean and variance. Only training uses it.</summary>
    public double Momentum { get; init; } = 0.99;

    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0];

    public override ImmutableArray<WeightSlot> Weights(Shape input)
    {
        var slots = ImmutableArray.CreateBuilder<WeightSlot>(4);
        if (Scale)
            slots.Add(new("gamma", [input.Channels], Initializer.Ones));
        if (Center)
            slots.Add(new("beta", [input.Channels], Initializer.Zeros));
        slots.Add(new("moving_mean", [input.Channels], Initializer.Zeros, Trainable: false));
        slots.Add(new("moving_variance", [input.Channels], Initializer.Ones, Trainable: false));
        return slots.DrainToImmutable();
    }

    public override ImmutableArray<KeyValuePair<string, object?>> Config =>
        [Entry("epsilon", Epsilon), Entry("scale", Scale), Entry("center", Center)];
}

/// <summary>Represents a layer that normalizes each position over its channels.</summary>
internal sealed record LayerNormalization : LayerOp
{
    public double Epsilon { get; init; } = 1e-3;
    public bool Scale { get; init; } = true;
    public bool Center { get; init; } = true;

    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0];

    public override ImmutableArray<WeightSlot> Weights(Shape input) => GammaBeta.Slots(input, Scale, Center);

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("epsilon", Epsilon)];
}

/// <summary>Represents a layer that normalizes each sample over the places and channels of each group.</summary>
internal sealed record GroupNormalization(int Groups) : LayerOp
{
    public double Epsilon { get; init; } = 1e-3;
    public bool Scale { get; init; } = true;
    public bool Center { get; init; } = true;

    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Groups >= 1 && inputs[0].Channels % Groups == 0
        ? inputs[0]
        : throw Unfit($"{Groups} groups do not divide {inputs[0].Channels} channels");

    public override ImmutableArray<WeightSlot> Weights(Shape input) => GammaBeta.Slots(input, Scale, Center);

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("groups", Groups), Entry("epsilon", Epsilon)];
}

/// <summary>Represents the division of each position by the Euclidean norm of its channels.</summary>
internal sealed record UnitNormalization : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0];
}

internal static class GammaBeta
{
    public static ImmutableArray<WeightSlot> Slots(Shape input, bool scale, bool center) =>
    [
        .. scale ? [new WeightSlot("gamma", [input.Channels], Initializer.Ones)] : (ReadOnlySpan<WeightSlot>)[],
        .. center ? [new WeightSlot("beta", [input.Channels], Initializer.Zeros)] : (ReadOnlySpan<WeightSlot>)[],
    ];
}

/// <summary>
/// Represents <c>(x - mean) / max(sqrt(variance), 1e-7)</c> per channel. Mean and variance are weights unless they are constants; the
/// weights include the sample count that Keras' files store.
/// </summary>
internal sealed record Normalization(ImmutableArray<double>? Mean = null, ImmutableArray<double>? Variance = null) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0];

    public override ImmutableArray<WeightSlot> Weights(Shape input) => Mean is null
        ?
        [
            new("mean", [input.Channels], Initializer.Zeros, Trainable: false),
            new("variance", [input.Channels], Initializer.Ones, Trainable: false),
            new("count", [], Initializer.Zeros, Trainable: false),
        ]
        : [];

    public override ImmutableArray<KeyValuePair<string, object?>> Config =>
        [Entry("mean", Mean?.ToArray()), Entry("variance", Variance?.ToArray())];
}

/// <summary>Represents ConvNeXt's <c>LayerScale</c>, which multiplies each channel by a weight.</summary>
internal sealed record LayerScale(double InitialValue) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0];

    public override ImmutableArray<WeightSlot> Weights(Shape input) =>
        [new("gamma", [input.Channels], new Initializer.Constant((float)InitialValue))];
}

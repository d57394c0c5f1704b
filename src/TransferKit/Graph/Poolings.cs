using System.Collections.Immutable;

namespace TransferKit.Graph;

internal abstract record Pooling2D(Extent Pool, Extent Strides, Padding Padding) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Window.Slide(inputs[0], Pool, Strides, Padding, inputs[0].Channels);

    public override ImmutableArray<KeyValuePair<string, object?>> Config =>
        [Entry("pool", Pool.ToConfig()), Entry("strides", Strides.ToConfig()), Entry("padding", Padding.KerasName())];
}

internal sealed record MaxPooling2D(Extent Pool, Extent Strides, Padding Padding) : Pooling2D(Pool, Strides, Padding);

/// <summary>Represents means over windows. Padding does not count, as in TensorFlow.</summary>
internal sealed record AveragePooling2D(Extent Pool, Extent Strides, Padding Padding) : Pooling2D(Pool, Strides, Padding);

internal abstract record GlobalPooling2D : LayerOp
{
    public bool KeepDims { get; init; }

    public override Shape Infer(ReadOnlySpan<Shape> inputs) => KeepDims
        ? Shape.Map(1, 1, inputs[0].Channels)
        : Shape.Vector(inputs[0].Channels);

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("keepdims", KeepDims)];
}

internal sealed record GlobalAveragePooling2D : GlobalPooling2D;

internal sealed record GlobalMaxPooling2D : GlobalPooling2D;

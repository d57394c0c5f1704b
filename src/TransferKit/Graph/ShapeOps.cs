using System.Collections.Immutable;

namespace TransferKit.Graph;

internal sealed record InputLayer(Shape Shape) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Shape;
}

/// <summary>Represents the number of rows and columns at each edge of a map.</summary>
internal readonly record struct Edges(int Top, int Bottom, int Left, int Right)
{
    public static implicit operator Edges(int all) => new(all, all, all, all);
    public int[][] ToConfig() => [[Top, Bottom], [Left, Right]];
}

internal sealed record ZeroPadding2D(Edges Padding) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Shape.Map(
        inputs[0].Height + Padding.Top + Padding.Bottom, inputs[0].Width + Padding.Left + Padding.Right, inputs[0].Channels);

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("padding", Padding.ToConfig())];
}

internal sealed record Cropping2D(Edges Cropping) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs)
    {
        var height = inputs[0].Height - Cropping.Top - Cropping.Bottom;
        var width = inputs[0].Width - Cropping.Left - Cropping.Right;
        return height > 0 && width > 0
            ? Shape.Map(height, width, inputs[0].Channels)
            : throw Unfit($"cropping {Cropping} leaves nothing of {inputs[0]}");
    }

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("cropping", Cropping.ToConfig())];
}

/// <summary>Represents the conversion of a map to a vector, in height, width, channel order.</summary>
internal sealed record Flatten : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Shape.Vector(checked((int)inputs[0].Count));
}

internal sealed record Reshape(Shape Target) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0].Count == Target.Count
        ? Target
        : throw Unfit($"{inputs[0]} cannot be reshaped to {Target}");

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("target_shape", Target.Dimensions.ToArray())];
}

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
        checked(inputs[0].Height + Padding.Top + Padding.Bottom), checked(inputs[0].Width + Padding.Left + Padding.Right),
        inputs[0].Channels);

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("padding", Padding.ToConfig())];
}

internal sealed record Cropping2D(Edges Cropping) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs)
    {
        var height = checked(inputs[0].Height - Cropping.Top - Cropping.Bottom);
        var width = checked(inputs[0].Width - Cropping.Left - Cropping.Right);
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

/// <summary>Represents another order of the dimensions (Keras: <c>Permute</c>), numbered from 1.</summary>
internal sealed record Permute(ImmutableArray<int> Order) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs)
    {
        var from = inputs[0].Dimensions;
        return from.Length == 1 ? inputs[0] : Shape.Map(from[Order[0] - 1], from[Order[1] - 1], from[Order[2] - 1]);
    }

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("dims", Order.ToArray())];

    public bool Equals(Permute? other) => other is not null && Order.SequenceEqual(other.Order);

    public override int GetHashCode() => Order.Length;
}

/// <summary>Specifies the filter that a map is resized with.</summary>
internal enum ResizeFilter { Nearest, Bilinear }

/// <summary>Represents a map whose sides are multiplied by whole numbers.</summary>
internal sealed record UpSampling2D(Extent Size) : LayerOp
{
    public ResizeFilter Interpolation { get; init; }

    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0].IsMap
        ? Shape.Map(checked(inputs[0].Height * Size.Height), checked(inputs[0].Width * Size.Width), inputs[0].Channels)
        : throw Unfit($"{inputs[0]} is not a map");

    public override ImmutableArray<KeyValuePair<string, object?>> Config =>
        [Entry("size", Size.ToConfig()), Entry("interpolation", Interpolation.ToString().ToLowerInvariant())];
}

/// <summary>Represents a map resized to a height and width, without antialiasing (Keras: <c>Resizing</c>).</summary>
internal sealed record Resizing(int Height, int Width) : LayerOp
{
    public ResizeFilter Interpolation { get; init; } = ResizeFilter.Bilinear;

    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0].IsMap
        ? Shape.Map(Height, Width, inputs[0].Channels)
        : throw Unfit($"{inputs[0]} is not a map");

    public override ImmutableArray<KeyValuePair<string, object?>> Config =>
        [Entry("height", Height), Entry("width", Width), Entry("interpolation", Interpolation.ToString().ToLowerInvariant())];
}

/// <summary>Represents the middle of a map.</summary>
internal sealed record CenterCrop(int Height, int Width) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0].IsMap && Height <= inputs[0].Height && Width <= inputs[0].Width
        ? Shape.Map(Height, Width, inputs[0].Channels)
        : throw Unfit($"{inputs[0]} has no middle of {Height}x{Width}");

    /// <summary>Gets the crop as edges; an odd rest is cut below and to the right.</summary>
    public Edges EdgesOf(Shape input)
    {
        var (top, left) = ((input.Height - Height) / 2, (input.Width - Width) / 2);
        return new(top, input.Height - Height - top, left, input.Width - Width - left);
    }

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("height", Height), Entry("width", Width)];
}

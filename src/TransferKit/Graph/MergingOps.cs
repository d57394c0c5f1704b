using System.Collections.Immutable;

namespace TransferKit.Graph;

internal sealed record Add : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Merging.Broadcast(inputs);
}

/// <summary>Represents an elementwise product. A 1 x 1 map is broadcast over the other input.</summary>
internal sealed record Multiply : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Merging.Broadcast(inputs);
}

internal sealed record Subtract : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Merging.Broadcast(inputs);
}

internal sealed record Average : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Merging.Broadcast(inputs);
}

internal sealed record Maximum : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Merging.Broadcast(inputs);
}

internal sealed record Minimum : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Merging.Broadcast(inputs);
}

/// <summary>Represents the quotient of two layers, which Keras' operator <c>x / y</c> makes.</summary>
internal sealed record Divide : LayerOp
{
    public override string TypeName => "TrueDivide";

    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Merging.Broadcast(inputs);
}

/// <summary>Represents the scalar product of two vectors.</summary>
internal sealed record Dot : LayerOp
{
    /// <summary>Gets whether the vectors are divided by their norms first, which makes the product a cosine.</summary>
    public bool Normalize { get; init; }

    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0] == inputs[1] && !inputs[0].IsMap
        ? Shape.Vector(1)
        : throw Unfit($"{inputs[0]} and {inputs[1]} have no scalar product");

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("normalize", Normalize)];
}

/// <summary>Represents Inception-ResNet's <c>CustomScaleLayer</c>: the first input plus the second times a constant.</summary>
internal sealed record CustomScaleLayer(double Scale) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Merging.Broadcast(inputs);
}

internal sealed record Concatenate(int Axis = -1) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs)
    {
        var (first, channels) = (inputs[0], 0);
        foreach (var input in inputs)
        {
            if ((input.IsMap, input.Height, input.Width) != (first.IsMap, first.Height, first.Width))
                throw Unfit($"{input} and {first} cannot be joined by their channels");
            channels = checked(channels + input.Channels);
        }
        return first.IsMap ? Shape.Map(first.Height, first.Width, channels) : Shape.Vector(channels);
    }

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("axis", Axis)];
}

internal static class Merging
{
    public static Shape Broadcast(ReadOnlySpan<Shape> inputs)
    {
        var result = inputs[0];
        foreach (var input in inputs[1..])
        {
            if (input.IsMap != result.IsMap || !Fits(input.Channels, result.Channels)
                || !Fits(input.Height, result.Height) || !Fits(input.Width, result.Width))
            {
                throw new ArgumentException($"{input} and {result} cannot be merged");
            }

            var channels = Math.Max(input.Channels, result.Channels);
            result = result.IsMap
                ? Shape.Map(Math.Max(input.Height, result.Height), Math.Max(input.Width, result.Width), channels)
                : Shape.Vector(channels);
        }
        return result;

        static bool Fits(int a, int b) => a == b || a == 1 || b == 1;
    }
}

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
            channels += input.Channels;
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
            if (input.IsMap != result.IsMap || input.Channels != result.Channels
                || !Fits(input.Height, result.Height) || !Fits(input.Width, result.Width))
            {
                throw new ArgumentException($"{input} and {result} cannot be merged");
            }

            if (result.IsMap)
                result = Shape.Map(Math.Max(input.Height, result.Height), Math.Max(input.Width, result.Width), result.Channels);
        }
        return result;

        static bool Fits(int a, int b) => a == b || a == 1 || b == 1;
    }
}

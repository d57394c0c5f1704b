using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Nodes;

internal static class ShapeNodes
{
    public static Layout Write(GraphWriter writer, Step step, ZeroPadding2D op)
    {
        var p = op.Padding;
        var pads = writer.Constant($"{step.ValueName}/pads", [0, 0, p.Top, p.Left, 0, 0, p.Bottom, p.Right]);
        writer.Node("Pad", step, [writer.Value(step.Input, Layout.ChannelsFirst), pads]);
        return Layout.ChannelsFirst;
    }

    public static Layout Write(GraphWriter writer, Step step, Cropping2D op)
    {
        var (c, input) = (op.Cropping, step.Input.OutputShape);
        writer.Node("Slice", step,
        [
            writer.Value(step.Input, Layout.ChannelsFirst),
            writer.Constant($"{step.ValueName}/starts", [c.Top, c.Left]),
            writer.Constant($"{step.ValueName}/ends", [input.Height - c.Bottom, input.Width - c.Right]),
            writer.Constant($"{step.ValueName}/axes", [2, 3]),
        ]);
        return Layout.ChannelsFirst;
    }

    /// <summary>Reshapes in Keras' order of height, width, channel. A 1x1 map is in that order in any layout.</summary>
    public static Layout WriteReshape(GraphWriter writer, Step step)
    {
        var (input, target) = (step.Input.OutputShape, step.OutputShape);
        var onePlace = input is { Height: 1, Width: 1 } && target is { Height: 1, Width: 1 };
        var layout = onePlace ? writer.LayoutOf(step.Input) : Layout.ChannelsLast;
        long[] dimensions = !target.IsMap ? [-1, target.Channels]
            : layout == Layout.ChannelsLast ? [-1, target.Height, target.Width, target.Channels]
            : [-1, target.Channels, 1, 1];
        writer.Node("Reshape", step, [writer.Value(step.Input, layout), writer.Constant($"{step.ValueName}/shape", dimensions)]);
        return layout;
    }

    public static Layout Write(GraphWriter writer, Step step, Permute op)
    {
        var x = writer.Value(step.Input, Layout.ChannelsLast);
        if (op.Order.Length == 1)
            writer.Node("Identity", step, [x]);
        else
            writer.Node("Transpose", step, [x], ("perm", (long[])[0, .. op.Order.Select(d => (long)d)]));
        return Layout.ChannelsLast;
    }

    public static Layout Write(GraphWriter writer, Step step, TakeChannels op)
    {
        var layout = writer.LayoutOf(step.Input);
        var axis = step.OutputShape.IsMap && layout == Layout.ChannelsFirst ? 1L : -1L;
        var indices = writer.Constant($"{step.ValueName}/indices", [.. op.Indices.Select(i => (long)i)]);
        writer.Node("Gather", step, [writer.Value(step.Input, layout), indices], ("axis", axis));
        return layout;
    }
}

using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Nodes;

internal static class MergingNodes
{
    public static Layout Write(GraphWriter writer, Step step, CustomScaleLayer op)
    {
        var layout = writer.LayoutOf(step.Input);
        var scaled = writer.Part("Mul", step, "scaled", [writer.Value(step.Inputs[1], layout), writer.Scalar(op.Scale)]);
        writer.Node("Add", step, [writer.Value(step.Input, layout), scaled]);
        return layout;
    }

    public static Layout Write(GraphWriter writer, Step step, Concatenate _)
    {
        var layout = writer.LayoutOf(step.Input);
        var axis = step.OutputShape.IsMap && layout == Layout.ChannelsFirst ? 1L : -1L;
        writer.Node("Concat", step, [.. step.Inputs.Select(i => writer.Value(i, layout))], ("axis", axis));
        return layout;
    }

    public static Layout Write(GraphWriter writer, Step step, Average _)
    {
        var (layout, sum) = Merged(writer, step, "Add", step.Inputs.Count);
        writer.Node("Div", step, [sum, writer.Scalar(step.Inputs.Count)]);
        return layout;
    }

    public static Layout Write(GraphWriter writer, Step step, Dot op)
    {
        var (x, y) = (Vector(writer, step, 0, op.Normalize), Vector(writer, step, 1, op.Normalize));
        var axes = writer.Constant($"{step.ValueName}/axes", [-1]);
        writer.Node("ReduceSum", step, [writer.Part("Mul", step, "products", [x, y]), axes], ("keepdims", 1L));
        return Layout.ChannelsFirst;
    }

    private static string Vector(GraphWriter writer, Step step, int input, bool normalize)
    {
        var x = writer.Value(step.Inputs[input], writer.LayoutOf(step.Inputs[input]));
        return normalize ? NormalizationNodes.WriteUnit(writer, step, $"{input}/", x, axis: -1) : x;
    }

    // Merges two inputs at a time, in Keras' order, because ONNX Runtime fuses Add but not Sum with convolutions. Channels stay last
    // if any input has them last; otherwise each of ConvNeXt's blocks would need a transposition.
    public static Layout Chain(GraphWriter writer, Step step, string opType)
    {
        var (layout, merged) = Merged(writer, step, opType, step.Inputs.Count - 1);
        if (step.Inputs.Count == 1)
            writer.Node("Identity", step, [writer.Value(step.Input, layout)]);
        else
            writer.Node(opType, step, [merged, writer.Value(step.Inputs[^1], layout)]);
        return layout;
    }

    private static (Layout Layout, string Merged) Merged(GraphWriter writer, Step step, string opType, int count)
    {
        var layout = step.Inputs.Any(i => writer.LayoutOf(i) == Layout.ChannelsLast) ? Layout.ChannelsLast : Layout.ChannelsFirst;
        var merged = writer.Value(step.Input, layout);
        for (var i = 1; i < count; i++)
            merged = writer.Part(opType, step, $"{i}", [merged, writer.Value(step.Inputs[i], layout)]);
        return (layout, merged);
    }
}

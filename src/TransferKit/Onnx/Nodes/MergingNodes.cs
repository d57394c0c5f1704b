using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Nodes;

internal static class MergingNodes
{
    public static Layout Write(GraphWriter writer, Step step, Add _) => Chain(writer, step, "Add");

    public static Layout Write(GraphWriter writer, Step step, Multiply _) => Chain(writer, step, "Mul");

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

    // Merges two inputs at a time, in Keras' order, because ONNX Runtime fuses Add but not Sum with convolutions. Channels stay last
    // if any input has them last; otherwise each of ConvNeXt's blocks would need a transposition.
    private static Layout Chain(GraphWriter writer, Step step, string opType)
    {
        var layout = step.Inputs.Any(i => writer.LayoutOf(i) == Layout.ChannelsLast) ? Layout.ChannelsLast : Layout.ChannelsFirst;
        var merged = writer.Value(step.Input, layout);
        for (var i = 1; i < step.Inputs.Count - 1; i++)
            merged = writer.Part(opType, step, $"{i}", [merged, writer.Value(step.Inputs[i], layout)]);
        writer.Node(opType, step, [merged, writer.Value(step.Inputs[^1], layout)]);
        return layout;
    }
}

using TransferKit.Graph;

namespace TransferKit.Onnx.Nodes;

internal static class PoolingNodes
{
    public static Layout Write(GraphWriter writer, Step step, MaxPooling2D op)
    {
        writer.Node("MaxPool", step, [writer.Value(step.Input, Layout.ChannelsFirst)],
            ("kernel_shape", Windows.Long(op.Pool)), ("strides", Windows.Long(op.Strides)),
            ("pads", Windows.Pads(step, op.Pool, op.Strides, op.Padding, 1)));
        return Layout.ChannelsFirst;
    }

    public static Layout Write(GraphWriter writer, Step step, AveragePooling2D op)
    {
        writer.Node("AveragePool", step, [writer.Value(step.Input, Layout.ChannelsFirst)],
            ("kernel_shape", Windows.Long(op.Pool)), ("strides", Windows.Long(op.Strides)),
            ("pads", Windows.Pads(step, op.Pool, op.Strides, op.Padding, 1)), ("count_include_pad", 0L));
        return Layout.ChannelsFirst;
    }

    public static Layout Write(GraphWriter writer, Step step, GlobalPooling2D op)
    {
        var (pool, reduce) = op is GlobalAveragePooling2D ? ("GlobalAveragePool", "ReduceMean") : ("GlobalMaxPool", "ReduceMax");
        var layout = writer.LayoutOf(step.Input);
        var input = writer.Value(step.Input, layout);
        if (layout == Layout.ChannelsLast)
            writer.Node(reduce, step, [input], ("axes", new long[] { 1, 2 }), ("keepdims", op.KeepDims ? 1L : 0L));
        else if (op.KeepDims)
            writer.Node(pool, step, [input]);
        else
            writer.Node("Flatten", step, [writer.Part(pool, step, "pool", [input])], ("axis", 1L));
        return layout;
    }
}

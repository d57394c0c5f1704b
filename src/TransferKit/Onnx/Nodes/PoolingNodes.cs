using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Nodes;

internal static class PoolingNodes
{
    public static Layout Write(GraphWriter writer, Step step, MaxPooling2D op)
    {
        var pooled = step.SeesPadding ? $"{step.ValueName}/pool" : step.ValueName;
        writer.Node("MaxPool", step.NodeName, pooled, [writer.Value(step.Input, Layout.ChannelsFirst)],
            ("kernel_shape", Windows.Long(op.Pool)), ("strides", Windows.Long(op.Strides)),
            ("pads", Windows.Pads(step, op.Pool, op.Strides, op.Padding, 1)));
        if (step.SeesPadding)
            writer.Node("Max", $"{step.NodeName}/zeros", step.ValueName, [pooled, ZerosAtEdges(writer, step, op)]);
        return Layout.ChannelsFirst;
    }

    // The constant is zero for each window that reaches into the padding, and the lowest float elsewhere.
    private static string ZerosAtEdges(GraphWriter writer, Step step, MaxPooling2D op)
    {
        var (output, edges) = (step.OutputShape, step.Padding);
        var least = new float[output.Height * output.Width];
        for (var y = 0; y < output.Height; y++)
        {
            for (var x = 0; x < output.Width; x++)
            {
                var isPadded = Reaches(y, op.Strides.Height, op.Pool.Height, edges.Top, step.Input.OutputShape.Height)
                    || Reaches(x, op.Strides.Width, op.Pool.Width, edges.Left, step.Input.OutputShape.Width);
                least[y * output.Width + x] = isPadded ? 0 : float.MinValue;
            }
        }
        return writer.Constant($"{step.ValueName}/edges", [output.Height, output.Width], least);

        static bool Reaches(int place, int stride, int length, int before, int size) =>
            place * stride < before || place * stride + length > before + size;
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

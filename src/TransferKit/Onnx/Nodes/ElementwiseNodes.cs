using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Nodes;

internal static class ElementwiseNodes
{
    public static Layout Write(GraphWriter writer, Step step, Activation op)
    {
        var layout = writer.LayoutOf(step.Input);
        var x = writer.Value(step.Input, layout);
        switch (op.Kind)
        {
            case ActivationKind.Relu:
                writer.Node("Relu", step, [x]);
                break;
            case ActivationKind.Sigmoid:
                writer.Node("Sigmoid", step, [x]);
                break;
            case ActivationKind.Softmax:
                var channels = step.OutputShape.IsMap && layout == Layout.ChannelsFirst ? 1L : -1L;
                writer.Node("Softmax", step, [x], ("axis", channels));
                break;
            case ActivationKind.Swish:
                writer.Node("Mul", step, [x, writer.Part("Sigmoid", step, "sigmoid", [x])]);
                break;
            case ActivationKind.HardSigmoid:
                writer.Node("HardSigmoid", step, [x], ("alpha", 1f / 6), ("beta", 0.5f));
                break;
            case ActivationKind.HardSwish:
                var gate = writer.Part("HardSigmoid", step, "hard_sigmoid", [x], ("alpha", 1f / 6), ("beta", 0.5f));
                writer.Node("Mul", step, [x, gate]);
                break;
            case ActivationKind.Gelu:
                WriteGelu(writer, step, x);
                break;
            default:
                throw new NotSupportedException($"The activation '{op.Kind}' of layer '{step.Layer.Name}' has no translation to ONNX.");
        }
        return layout;
    }

    public static Layout Write(GraphWriter writer, Step step, ReLU op)
    {
        var layout = writer.LayoutOf(step.Input);
        var x = writer.Value(step.Input, layout);
        if (op.MaxValue is { } most)
            writer.Node("Clip", step, [x, writer.Scalar(0), writer.Scalar(most)]);
        else
            writer.Node("Relu", step, [x]);
        return layout;
    }

    public static Layout Write(GraphWriter writer, Step step, Rescaling op)
    {
        var layout = writer.LayoutOf(step.Input);
        var scale = PerChannel.Constant(writer, step, layout, $"{step.Layer.Name}/scale", op.Scale.AsSpan());
        return WriteScaled(writer, step, layout, scale, op.Offset);
    }

    public static Layout Write(GraphWriter writer, Step step, AddConstant op) =>
        WriteScaled(writer, step, writer.LayoutOf(step.Input), scale: null, op.Constant);

    public static Layout Write(GraphWriter writer, Step step, MultiplyConstant op) =>
        WriteScaled(writer, step, writer.LayoutOf(step.Input), writer.Scalar(op.Constant), offset: 0);

    private static Layout WriteScaled(GraphWriter writer, Step step, Layout layout, string? scale, double offset)
    {
        var x = writer.Value(step.Input, layout);
        if (scale is not null && offset != 0)
            x = writer.Part("Mul", step, "scaled", [x, scale]);
        if (offset != 0)
            writer.Node("Add", step, [x, writer.Scalar(offset)]);
        else
            writer.Node("Mul", step, [x, scale ?? writer.Scalar(1)]);
        return layout;
    }

    // Writes x * (1 + erf(x / sqrt 2)) * 0.5 in the order of nodes that ONNX Runtime fuses.
    private static void WriteGelu(GraphWriter writer, Step step, string x)
    {
        var erf = writer.Part("Erf", step, "erf", [writer.Part("Div", step, "div", [x, writer.Scalar(Math.Sqrt(2))])]);
        var product = writer.Part("Mul", step, "mul", [x, writer.Part("Add", step, "add", [erf, writer.Scalar(1)])]);
        writer.Node("Mul", step, [product, writer.Scalar(0.5)]);
    }
}

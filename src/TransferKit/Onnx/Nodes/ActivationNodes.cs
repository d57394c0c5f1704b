using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Nodes;

internal static class ActivationNodes
{
    // Keras' constants of selu.
    private const double SeluAlpha = 1.6732632423543772848170429916717, SeluScale = 1.0507009873554804934193349852946;

    public static Layout Write(GraphWriter writer, Step step, Activation op)
    {
        var layout = writer.LayoutOf(step.Input);
        var x = writer.Value(step.Input, layout);
        var channels = step.OutputShape.IsMap && layout == Layout.ChannelsFirst ? 1L : -1L;
        switch (op.Kind)
        {
            case ActivationKind.Relu:
                writer.Node("Relu", step, [x]);
                break;
            case ActivationKind.Relu6:
                writer.Node("Clip", step, [x, writer.Scalar(0), writer.Scalar(6)]);
                break;
            case ActivationKind.LeakyRelu:
                writer.Node("LeakyRelu", step, [x], ("alpha", 0.2f));
                break;
            case ActivationKind.Sigmoid:
                writer.Node("Sigmoid", step, [x]);
                break;
            case ActivationKind.Softmax:
                writer.Node("Softmax", step, [x], ("axis", channels));
                break;
            case ActivationKind.LogSoftmax:
                writer.Node("LogSoftmax", step, [x], ("axis", channels));
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
            case ActivationKind.GeluTanh:
                WriteGeluTanh(writer, step, x);
                break;
            case ActivationKind.Elu or ActivationKind.Celu:
                writer.Node("Elu", step, [x], ("alpha", 1f));
                break;
            case ActivationKind.Selu:
                writer.Node("Selu", step, [x], ("alpha", (float)SeluAlpha), ("gamma", (float)SeluScale));
                break;
            case ActivationKind.Softplus:
                writer.Node("Softplus", step, [x]);
                break;
            case ActivationKind.Softsign:
                writer.Node("Softsign", step, [x]);
                break;
            case ActivationKind.Tanh:
                writer.Node("Tanh", step, [x]);
                break;
            case ActivationKind.HardTanh:
                writer.Node("Clip", step, [x, writer.Scalar(-1), writer.Scalar(1)]);
                break;
            case ActivationKind.TanhShrink:
                writer.Node("Sub", step, [x, writer.Part("Tanh", step, "tanh", [x])]);
                break;
            case ActivationKind.SoftShrink:
                writer.Node("Shrink", step, [x], ("lambd", 0.5f), ("bias", 0.5f));
                break;
            case ActivationKind.HardShrink:
                writer.Node("Shrink", step, [x], ("lambd", 0.5f), ("bias", 0f));
                break;
            case ActivationKind.Exponential:
                writer.Node("Exp", step, [x]);
                break;
            case ActivationKind.Mish:
                var soft = writer.Part("Softplus", step, "softplus", [x]);
                writer.Node("Mul", step, [x, writer.Part("Tanh", step, "tanh", [soft])]);
                break;
            case ActivationKind.LogSigmoid:
                var less = writer.Part("Softplus", step, "softplus", [writer.Part("Neg", step, "negative", [x])]);
                writer.Node("Neg", step, [less]);
                break;
            case ActivationKind.SparseSigmoid:
                writer.Node("HardSigmoid", step, [x], ("alpha", 0.5f), ("beta", 0.5f));
                break;
            case ActivationKind.SparsePlus:
                WriteSparsePlus(writer, step, x);
                break;
            case ActivationKind.Squareplus:
                var square = writer.Part("Add", step, "shifted", [writer.Part("Mul", step, "square", [x, x]), writer.Scalar(4)]);
                var sum = writer.Part("Add", step, "sum", [x, writer.Part("Sqrt", step, "root", [square])]);
                writer.Node("Mul", step, [sum, writer.Scalar(0.5)]);
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
        if (!op.IsPlain)
            WriteGeneral(writer, step, op, x);
        else if (op.MaxValue is { } most)
            writer.Node("Clip", step, [x, writer.Scalar(0), writer.Scalar(most)]);
        else
            writer.Node("Relu", step, [x]);
        return layout;
    }

    public static Layout Write(GraphWriter writer, Step step, LeakyReLU op) =>
        OneNode(writer, step, "LeakyRelu", ("alpha", (float)op.NegativeSlope));

    public static Layout Write(GraphWriter writer, Step step, ELU op) => OneNode(writer, step, "Elu", ("alpha", (float)op.Alpha));

    public static Layout Write(GraphWriter writer, Step step, ThresholdedReLU op) =>
        OneNode(writer, step, "ThresholdedRelu", ("alpha", (float)op.Theta));

    /// <summary>Writes channels last, in the order of the weights.</summary>
    public static Layout Write(GraphWriter writer, Step step, PReLU _)
    {
        var slot = step.Weight("alpha")!;
        var alpha = writer.Weight(new Tensors.StoredTensor(
            $"{step.Layer.Name}/alpha", [.. slot.Shape.Select(d => (long)d)], step.Layer, slot, []));
        writer.Node("PRelu", step, [writer.Value(step.Input, Layout.ChannelsLast), alpha]);
        return Layout.ChannelsLast;
    }

    private static Layout OneNode(GraphWriter writer, Step step, string opType, (string, object) attribute)
    {
        var layout = writer.LayoutOf(step.Input);
        writer.Node(opType, step, [writer.Value(step.Input, layout)], attribute);
        return layout;
    }

    // The order of Keras' code: x where it exceeds the threshold, cut at the maximum, less the slope times what lies below.
    private static void WriteGeneral(GraphWriter writer, Step step, ReLU op, string x)
    {
        var above = op.Threshold == 0
            ? writer.Part("Relu", step, "above", [x])
            : writer.Part("ThresholdedRelu", step, "above", [x], ("alpha", (float)op.Threshold));
        if (op.MaxValue is { } most)
            above = writer.Part("Clip", step, "cut", [above, writer.Scalar(0), writer.Scalar(most)]);
        var missing = writer.Part("Relu", step, "below", [writer.Part("Sub", step, "missing", [writer.Scalar(op.Threshold), x])]);
        writer.Node("Sub", step, [above, writer.Part("Mul", step, "slope", [missing, writer.Scalar(op.NegativeSlope)])]);
    }

    // Writes x * (1 + erf(x / sqrt 2)) * 0.5 in the order of nodes that ONNX Runtime fuses.
    private static void WriteGelu(GraphWriter writer, Step step, string x)
    {
        var erf = writer.Part("Erf", step, "erf", [writer.Part("Div", step, "div", [x, writer.Scalar(Math.Sqrt(2))])]);
        var product = writer.Part("Mul", step, "mul", [x, writer.Part("Add", step, "add", [erf, writer.Scalar(1)])]);
        writer.Node("Mul", step, [product, writer.Scalar(0.5)]);
    }

    // Writes 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))).
    private static void WriteGeluTanh(GraphWriter writer, Step step, string x)
    {
        var square = writer.Part("Mul", step, "square", [x, x]);
        var cubic = writer.Part("Mul", step, "cubic", [writer.Part("Mul", step, "cube", [square, x]), writer.Scalar(0.044715)]);
        var inner = writer.Part("Mul", step, "inner", [writer.Part("Add", step, "sum", [x, cubic]), writer.Scalar(Math.Sqrt(2 / Math.PI))]);
        var gate = writer.Part("Add", step, "gate", [writer.Part("Tanh", step, "tanh", [inner]), writer.Scalar(1)]);
        writer.Node("Mul", step, [writer.Part("Mul", step, "product", [x, gate]), writer.Scalar(0.5)]);
    }

    // Writes 0 below -1, x above 1, and (x + 1)^2 / 4 between: with y = clip(x, -1, 1), the sum of (y + 1)^2 / 4 and relu(x - 1).
    private static void WriteSparsePlus(GraphWriter writer, Step step, string x)
    {
        var clipped = writer.Part("Clip", step, "clipped", [x, writer.Scalar(-1), writer.Scalar(1)]);
        var shifted = writer.Part("Add", step, "shifted", [clipped, writer.Scalar(1)]);
        var square = writer.Part("Mul", step, "square", [shifted, shifted]);
        var quarter = writer.Part("Mul", step, "quarter", [square, writer.Scalar(0.25)]);
        var above = writer.Part("Relu", step, "above", [writer.Part("Sub", step, "beyond", [x, writer.Scalar(1)])]);
        writer.Node("Add", step, [quarter, above]);
    }
}

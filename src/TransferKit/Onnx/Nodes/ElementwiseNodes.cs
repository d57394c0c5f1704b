using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Nodes;

internal static class ElementwiseNodes
{
    public static Layout Write(GraphWriter writer, Step step, Rescaling op)
    {
        var layout = writer.LayoutOf(step.Input);
        var scale = PerChannel.Constant(writer, step, layout, $"{step.Layer.Name}/scale", op.Scale.AsSpan());
        var offset = op.Offset switch
        {
            [var one] => Summand(writer, one),
            var each => PerChannel.Constant(writer, step, layout, $"{step.Layer.Name}/offset", each.AsSpan()),
        };
        return WriteScaled(writer, step, layout, scale, offset);
    }

    public static Layout Write(GraphWriter writer, Step step, AddConstant op) =>
        WriteScaled(writer, step, writer.LayoutOf(step.Input), scale: null, Summand(writer, op.Constant));

    public static Layout Write(GraphWriter writer, Step step, MultiplyConstant op) =>
        WriteScaled(writer, step, writer.LayoutOf(step.Input), writer.Scalar(op.Constant), offset: null);

    // Nothing is added for zero.
    private static string? Summand(GraphWriter writer, double constant) => constant == 0 ? null : writer.Scalar(constant);

    private static Layout WriteScaled(GraphWriter writer, Step step, Layout layout, string? scale, string? offset)
    {
        var x = writer.Value(step.Input, layout);
        if (scale is not null && offset is not null)
            x = writer.Part("Mul", step, "scaled", [x, scale]);
        if (offset is not null)
            writer.Node("Add", step, [x, offset]);
        else
            writer.Node("Mul", step, [x, scale ?? writer.Scalar(1)]);
        return layout;
    }

    public static Layout Write(GraphWriter writer, Step step, Arithmetic op)
    {
        var layout = writer.LayoutOf(step.Input);
        var x = writer.Value(step.Input, layout);
        var constant = op.Constant.Length == 1
            ? writer.Scalar(op.Constant[0])
            : PerChannel.Constant(writer, step, layout, $"{step.Layer.Name}/constant", op.Constant.AsSpan());
        writer.Node(OnnxName(op.Kind), step, op.ConstantFirst ? [constant, x] : [x, constant]);
        return layout;
    }

    private static string OnnxName(ArithmeticKind kind) => kind switch
    {
        ArithmeticKind.Add => "Add",
        ArithmeticKind.Subtract => "Sub",
        ArithmeticKind.Multiply => "Mul",
        ArithmeticKind.Divide => "Div",
        ArithmeticKind.Maximum => "Max",
        ArithmeticKind.Minimum => "Min",
        _ => "Pow",
    };
}

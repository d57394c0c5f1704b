using TransferKit.Graph;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Tensors;

namespace TransferKit.Onnx.Nodes;

internal static class NormalizationNodes
{
    public static Layout Write(GraphWriter writer, Step step, BatchNormalization op)
    {
        var channels = step.OutputShape.Channels;
        writer.Node("BatchNormalization", step,
            [
                writer.Value(step.Input, Layout.ChannelsFirst),
                op.Scale ? Stored(writer, step, "gamma", channels) : Filled(writer, $"{step.Layer.Name}/gamma", channels, 1),
                op.Center ? Stored(writer, step, "beta", channels) : Filled(writer, $"{step.Layer.Name}/beta", channels, 0),
                Stored(writer, step, "moving_mean", channels), Stored(writer, step, "moving_variance", channels),
            ],
            ("epsilon", (float)op.Epsilon));
        return Layout.ChannelsFirst;
    }

    /// <summary>Writes maps with channels last, because ONNX normalises trailing dimensions only.</summary>
    public static Layout Write(GraphWriter writer, Step step, LayerNormalization op)
    {
        var channels = step.OutputShape.Channels;
        writer.Node("LayerNormalization", step,
            [
                writer.Value(step.Input, Layout.ChannelsLast),
                op.Scale ? Stored(writer, step, "gamma", channels) : Filled(writer, $"{step.Layer.Name}/gamma", channels, 1),
                op.Center ? Stored(writer, step, "beta", channels) : Filled(writer, $"{step.Layer.Name}/beta", channels, 0),
            ],
            ("axis", -1L), ("epsilon", (float)op.Epsilon));
        return Layout.ChannelsLast;
    }

    /// <summary>Normalises groups of channels, and scales the channels afterwards.</summary>
    public static Layout Write(GraphWriter writer, Step step, GroupNormalization op)
    {
        const Layout First = Layout.ChannelsFirst;
        var shape = step.OutputShape;
        var grouped = writer.Part("Reshape", step, "groups",
            [writer.Value(step.Input, First), writer.Constant($"{step.ValueName}/groups_shape", [0, op.Groups, -1])]);
        // ONNX Runtime's own normalisations subtract squares of means, which loses digits in small groups.
        var mean = writer.Part("ReduceMean", step, "mean", [grouped], ("axes", new long[] { 2 }), ("keepdims", 1L));
        var centered = writer.Part("Sub", step, "centered", [grouped, mean]);
        var squares = writer.Part("Mul", step, "squares", [centered, centered]);
        var variance = writer.Part("ReduceMean", step, "variance", [squares], ("axes", new long[] { 2 }), ("keepdims", 1L));
        var deviation = writer.Part(
            "Sqrt", step, "deviation", [writer.Part("Add", step, "bounded", [variance, writer.Scalar(op.Epsilon)])]);
        var normalised = writer.Part("Div", step, "normalised", [centered, deviation]);
        var whole = writer.Constant(
            $"{step.ValueName}/shape", shape.IsMap ? [-1, shape.Channels, shape.Height, shape.Width] : [-1, shape.Channels]);
        var x = op.Scale || op.Center ? writer.Part("Reshape", step, "whole", [normalised, whole]) : normalised;
        var dimensions = PerChannel.Dimensions(step, First);
        switch (op.Scale, op.Center)
        {
            case (false, false):
                writer.Node("Reshape", step, [x, whole]);
                break;
            case (true, false):
                writer.Node("Mul", step, [x, Stored(writer, step, "gamma", dimensions)]);
                break;
            case (var scales, true):
                x = scales ? writer.Part("Mul", step, "scaled", [x, Stored(writer, step, "gamma", dimensions)]) : x;
                writer.Node("Add", step, [x, Stored(writer, step, "beta", dimensions)]);
                break;
        }
        return First;
    }

    public static Layout Write(GraphWriter writer, Step step, UnitNormalization _)
    {
        var layout = writer.LayoutOf(step.Input);
        var axis = step.OutputShape.IsMap && layout == Layout.ChannelsFirst ? 1L : -1L;
        var x = writer.Value(step.Input, layout);
        writer.Node("Div", step, [x, Norm(writer, step, "", x, axis)]);
        return layout;
    }

    /// <summary>Writes a value divided by its Euclidean norm along an axis (Keras: <c>ops.normalize</c>), and returns its name.</summary>
    public static string WriteUnit(GraphWriter writer, Step step, string part, string x, long axis) =>
        writer.Part("Div", step, $"{part}unit", [x, Norm(writer, step, part, x, axis)]);

    private static string Norm(GraphWriter writer, Step step, string part, string x, long axis)
    {
        var axes = writer.Constant($"{step.ValueName}/norm_axes", [axis]);
        var sum = writer.Part(
            "ReduceSum", step, $"{part}sum", [writer.Part("Mul", step, $"{part}squares", [x, x]), axes], ("keepdims", 1L));
        return writer.Part("Sqrt", step, $"{part}norm", [writer.Part("Max", step, $"{part}bounded", [sum, writer.Scalar(1e-12)])]);
    }

    public static Layout Write(GraphWriter writer, Step step, LayerScale _)
    {
        var layout = writer.LayoutOf(step.Input);
        var gamma = Stored(writer, step, "gamma", PerChannel.Dimensions(step, layout));
        writer.Node("Mul", step, [writer.Value(step.Input, layout), gamma]);
        return layout;
    }

    public static Layout Write(GraphWriter writer, Step step, Normalization op)
    {
        const Layout First = Layout.ChannelsFirst;
        var (mean, deviation) = ($"{step.Layer.Name}/mean", $"{step.Layer.Name}/deviation");
        if (op.Mean is { } means && op.Variance is { } variances)
        {
            PerChannel.Constant(writer, step, First, mean, [.. means]);
            PerChannel.Constant(writer, step, First, deviation, [.. variances.Select(v => Math.Max(Math.Sqrt(v), 1e-7))]);
        }
        else
        {
            Stored(writer, step, "mean", PerChannel.Dimensions(step, First));
            writer.Weight(new DeviationTensor(deviation, step.Layer, step.Weight("variance")!));
        }
        writer.Node("Div", step, [writer.Part("Sub", step, "centered", [writer.Value(step.Input, First), mean]), deviation]);
        return First;
    }

    private static string Stored(GraphWriter writer, Step step, string kind, params long[] dimensions) =>
        writer.Weight(new StoredTensor($"{step.Layer.Name}/{kind}", [.. dimensions], step.Layer, step.Weight(kind)!, []));

    private static string Filled(GraphWriter writer, string name, int channels, float value)
    {
        var values = new float[channels];
        values.AsSpan().Fill(value);
        return writer.Constant(name, [channels], values);
    }
}

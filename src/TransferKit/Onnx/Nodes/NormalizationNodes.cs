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
                Stored(writer, step, "gamma", channels),
                Stored(writer, step, "beta", channels),
            ],
            ("axis", -1L), ("epsilon", (float)op.Epsilon));
        return Layout.ChannelsLast;
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

using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Nodes;

/// <summary>Shapes one number per channel so that it broadcasts over a map of the given layout.</summary>
internal static class PerChannel
{
    public static long[] Dimensions(Step step, Layout layout) =>
        step.OutputShape.IsMap && layout == Layout.ChannelsFirst ? [step.OutputShape.Channels, 1, 1] : [step.OutputShape.Channels];

    public static string Constant(GraphWriter writer, Step step, Layout layout, string name, ReadOnlySpan<double> values)
    {
        if (values.Length == 1)
            return writer.Constant(name, [], [(float)values[0]]);
        var floats = new float[values.Length];
        for (var c = 0; c < floats.Length; c++)
            floats[c] = (float)values[c];
        return writer.Constant(name, Dimensions(step, layout), floats);
    }
}

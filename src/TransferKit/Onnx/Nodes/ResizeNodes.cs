using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Nodes;

internal static class ResizeNodes
{
    /// <summary>Writes a resizing whose pixels have their middles at .5, as TensorFlow 2 resizes, without antialiasing.</summary>
    public static Layout Write(GraphWriter writer, Step step, ResizeFilter filter)
    {
        var (input, output) = (step.Input.OutputShape, step.OutputShape);
        // Scales instead of sizes leave the batch free. Their product with a side is within a rounding of the wanted length.
        var scales = writer.Constant($"{step.ValueName}/scales", [4],
            [1, 1, Scale(input.Height, output.Height), Scale(input.Width, output.Width)]);
        writer.Node("Resize", step, [writer.Value(step.Input, Layout.ChannelsFirst), "", scales],
            ("mode", filter == ResizeFilter.Nearest ? "nearest" : "linear"),
            ("coordinate_transformation_mode", "half_pixel"), ("nearest_mode", "round_prefer_ceil"));
        return Layout.ChannelsFirst;
    }

    // ONNX computes floor(side * scale), so the scale is the smallest float that reaches the wanted length.
    private static float Scale(int from, int to)
    {
        var scale = (float)to / from;
        while ((double)from * scale < to)
            scale = MathF.BitIncrement(scale);
        return scale;
    }
}

using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Nodes;

/// <summary>What a moving window's attributes are in ONNX.</summary>
internal static class Windows
{
    public static long[] Long(Extent extent) => [extent.Height, extent.Width];

    /// <summary>Explicit pads; ONNX' own "same" would lose to a ZeroPadding2D that is folded in.</summary>
    public static long[] Pads(Step step, Extent kernel, Extent strides, Padding padding, Extent dilation)
    {
        var (input, folded) = (step.Input.OutputShape, step.Padding);
        if (padding == Padding.Valid)
            return [folded.Top, folded.Left, folded.Bottom, folded.Right];
        var (top, bottom) = Window.SamePads(input.Height, kernel.Height, strides.Height, dilation.Height);
        var (left, right) = Window.SamePads(input.Width, kernel.Width, strides.Width, dilation.Width);
        return [top, left, bottom, right];
    }
}

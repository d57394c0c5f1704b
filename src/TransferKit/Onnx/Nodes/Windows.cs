using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Nodes;

/// <summary>Computes the ONNX attributes of convolution and pooling windows.</summary>
internal static class Windows
{
    public static long[] Long(Extent extent) => [extent.Height, extent.Width];

    /// <summary>Computes explicit pads, because ONNX' <c>auto_pad</c> cannot express a folded ZeroPadding2D.</summary>
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

using TransferKit.Graph;
using TransferKit.Onnx.Winograd;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// Makes a chain of 3x3 convolutions that begins at the input, VGG's, one of <see cref="WinogradConv2D"/>: four times fewer
/// products, and maps that stay in one layout. Convolutions elsewhere stay as they are: the way into that layout
/// and back would cost what is won.
/// </summary>
internal static class WinogradFold
{
    // A transformed kernel takes four times the memory; of a smaller map too few tiles share it (VGG's block5: 85 MB for a twentieth of the time).
    public const int SmallestSide = 16;

    public static void Apply(Plan plan, int smallestSide)
    {
        foreach (var step in plan.Steps.ToArray())
        {
            if (!Takes(step, smallestSide) || plan.Consumers(step).ToArray() is not [{ Op: Activation { Kind: ActivationKind.Relu } } relu] || !plan.FeedsOnly(step, relu))
                continue;
            plan.Replace(relu, step);
            var filters = step.OutputShape.Channels;
            step.Op = new WinogradConv2D(filters, IsPooled: false);
            if (plan.Consumers(step).ToArray() is not [{ Op: MaxPooling2D { Pool: (2, 2), Strides: (2, 2), Padding: Padding.Valid } } pool] || !plan.FeedsOnly(step, pool))
                continue;
            step.OutputShape = pool.OutputShape;
            plan.Replace(pool, step);
            step.Op = new WinogradConv2D(filters, IsPooled: true);
        }
    }

    private static bool Takes(Step step, int smallestSide) =>
        step is { Op: Conv2D { Kernel: (3, 3), Strides: (1, 1), Dilation: (1, 1), Groups: 1, Padding: Padding.Same, UseBias: true } op, Scalings.IsEmpty: true }
        && step.Input.Op is InputLayer or WinogradConv2D
        && Math.Min(step.OutputShape.Height, step.OutputShape.Width) >= smallestSide
        && WinogradConvolution.Takes(step.Input.OutputShape.Channels, op.Filters, isPlanar: step.Input.Op is InputLayer);
}

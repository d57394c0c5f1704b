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
    /// <summary>
    /// How much more than the kernels themselves the transformed ones may take, at four times the size each. The first of a
    /// chain have the largest maps, and gain most for their bytes.
    /// </summary>
    public const long MostBytes = 100_000_000;

    public static void Apply(Plan plan, long mostBytes)
    {
        var bytes = 0L;
        foreach (var step in plan.Steps.ToArray())
        {
            if (!Takes(step) || bytes + ExtraBytes(step) > mostBytes || plan.Consumers(step).ToArray() is not [{ Op: Activation { Kind: ActivationKind.Relu } } relu] || !plan.FeedsOnly(step, relu))
                continue;
            bytes += ExtraBytes(step);
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

    private static long ExtraBytes(Step step) =>
        (WinogradTile.Places - 9L) * step.Input.OutputShape.Channels * step.OutputShape.Channels * sizeof(float);

    private static bool Takes(Step step) =>
        step is { Op: Conv2D { Kernel: (3, 3), Strides: (1, 1), Dilation: (1, 1), Groups: 1, Padding: Padding.Same, UseBias: true } op, Scalings.IsEmpty: true }
        && step.Input.Op is InputLayer or WinogradConv2D
        && WinogradConvolution.Takes(step.Input.OutputShape.Channels, op.Filters, isPlanar: step.Input.Op is InputLayer);
}

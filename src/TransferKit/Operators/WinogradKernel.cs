using System.Runtime.Intrinsics;

namespace TransferKit.Operators;

/// <summary>
/// Transforms the kernel of a convolution for <see cref="WinogradConvolution"/>. The order of its dimensions is panel of 32 filters,
/// place of 36, channel, filter in the panel.
/// </summary>
internal static unsafe class WinogradKernel
{
    private const int Lanes = WinogradConvolution.Lanes;
    private const int Side = 3;

    // Each place has nine factors, one for each number of a 3x3 kernel.
    private static readonly double[] Factors =
    [
        .. from place in Enumerable.Range(0, WinogradTile.Places)
           from i in Enumerable.Range(0, Side * Side)
           select WinogradTile.Kernel[place / WinogradTile.Inputs][i / Side] * WinogradTile.Kernel[place % WinogradTile.Inputs][i % Side],
    ];

    public static long[] Dimensions(long filters, long channels) =>
        [filters / WinogradConvolution.Panel, WinogradTile.Places, channels, WinogradConvolution.Panel];

    /// <summary>Transforms the kernels of 32 filters.</summary>
    /// <param name="blocked">All kernels in ONNX Runtime's blocks of 16: filter block, channel block, row, column, channel, filter.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="panel">The index of the 32 filters.</param>
    /// <param name="transformed">The memory for the transformed kernels.</param>
    public static void Transform(ReadOnlySpan<float> blocked, int channels, int panel, Span<float> transformed)
    {
        const int Halves = WinogradConvolution.Panel / Lanes;
        fixed (float* from = blocked, to = transformed)
        {
            for (var half = 0; half < Halves; half++)
            {
                for (var channel = 0; channel < channels; channel++)
                {
                    var (block, inBlock) = Math.DivRem(channel, Lanes);
                    var blocksBefore = ((long)panel * Halves + half) * (channels / Lanes) + block;
                    var kernels = from + blocksBefore * Side * Side * Lanes * Lanes + inBlock * Lanes;
                    Transform(kernels, to + channel * WinogradConvolution.Panel + half * Lanes, (nint)channels * WinogradConvolution.Panel);
                }
            }
        }
    }

    // Transforms one channel of 16 filters, in double so that only the last step rounds.
    private static void Transform(float* kernels, float* to, nint placeStride)
    {
        for (var place = 0; place < WinogradTile.Places; place++)
        {
            var (low, high) = (Vector512<double>.Zero, Vector512<double>.Zero);
            for (var i = 0; i < Side * Side; i++)
            {
                var (lower, upper) = Vector512.Widen(Vector512.Load(kernels + i * Lanes * Lanes));
                low += lower * Factors[place * Side * Side + i];
                high += upper * Factors[place * Side * Side + i];
            }
            Vector512.Narrow(low, high).Store(to + place * placeStride);
        }
    }
}

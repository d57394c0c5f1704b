using System.Runtime.Intrinsics;

namespace TransferKit.Operators;

/// <summary>The kernel of a convolution as <see cref="WinogradConvolution"/> reads it: for each 32 filters, each of the 36 places, each channel, the 32 numbers.</summary>
internal static unsafe class WinogradKernel
{
    private const int Lanes = WinogradConvolution.Lanes;
    private const int Side = 3;

    // Of each place, what the nine numbers of a kernel are multiplied with.
    private static readonly double[] Factors =
    [
        .. from place in Enumerable.Range(0, WinogradTile.Places)
           from i in Enumerable.Range(0, Side * Side)
           select WinogradTile.Kernel[place / WinogradTile.Inputs][i / Side] * WinogradTile.Kernel[place % WinogradTile.Inputs][i % Side],
    ];

    public static long[] Dimensions(long filters, long channels) => [filters / WinogradConvolution.Panel, WinogradTile.Places, channels, WinogradConvolution.Panel];

    /// <summary>Transforms the kernels of 32 filters.</summary>
    /// <param name="blocked">All kernels in ONNX Runtime's order: 16 filters, 16 channels, row, column, channel, filter.</param>
    /// <param name="channels">How many channels.</param>
    /// <param name="panel">Which 32 filters.</param>
    /// <param name="transformed">Takes the numbers.</param>
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
                    var kernels = from + (((long)panel * Halves + half) * (channels / Lanes) + block) * Side * Side * Lanes * Lanes + inBlock * Lanes;
                    Transform(kernels, to + channel * WinogradConvolution.Panel + half * Lanes, (nint)channels * WinogradConvolution.Panel);
                }
            }
        }
    }

    // One channel of 16 filters; in double, so that the numbers are as good as the untransformed ones.
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

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Operators;

/// <summary>
/// Transforms the kernel of a convolution for <see cref="WinogradConvolution"/>. The order of its dimensions is panel of 32 filters,
/// place of 36, channel, filter in the panel.
/// </summary>
internal static unsafe class WinogradKernel
{
    private const int Side = 3;

    // The number of filters that are transformed together.
    private const int Together = 8;

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
    /// <param name="blocked">All kernels in ONNX Runtime's blocks: filter block, channel block, row, column, channel, filter.</param>
    /// <param name="lanes">The number of channels, and of filters, of a block: 8 or 16.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="panel">The index of the 32 filters.</param>
    /// <param name="transformed">The memory for the transformed kernels.</param>
    public static void Transform(ReadOnlySpan<float> blocked, int lanes, int channels, int panel, Span<float> transformed)
    {
        fixed (float* from = blocked, to = transformed)
        {
            for (var filter = 0; filter < WinogradConvolution.Panel; filter += Together)
            {
                var (filterBlock, inFilters) = Math.DivRem(panel * WinogradConvolution.Panel + filter, lanes);
                for (var channel = 0; channel < channels; channel++)
                {
                    var (channelBlock, inChannels) = Math.DivRem(channel, lanes);
                    var blocksBefore = (long)filterBlock * (channels / lanes) + channelBlock;
                    var kernels = from + (blocksBefore * Side * Side * lanes + inChannels) * lanes + inFilters;
                    Transform(
                        kernels, lanes * lanes, to + channel * WinogradConvolution.Panel + filter,
                        (nint)channels * WinogradConvolution.Panel);
                }
            }
        }
    }

    /// <summary>Transforms some channels of 32 filters to the order place, channel, filter, where they are needed.</summary>
    /// <param name="blocked">All kernels in ONNX Runtime's blocks.</param>
    /// <param name="lanes">The number of channels, and of filters, of a block: 8 or 16.</param>
    /// <param name="allChannels">The number of channels of the kernels.</param>
    /// <param name="panel">The index of the 32 filters.</param>
    /// <param name="first">The first channel.</param>
    /// <param name="channels">The number of channels to transform.</param>
    /// <param name="transformed">The memory for the transformed kernels.</param>
    /// <param name="placeLength">The distance of two places in vectors.</param>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transform<T, TVector>(
        float* blocked, int lanes, int allChannels, int panel, int first, int channels, TVector* transformed, nint placeLength)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        var columns = stackalloc TVector[WinogradTile.Inputs * Side];
        nint vectors = WinogradConvolution.Panel / T.Count, stride = (nint)lanes * lanes / T.Count;
        for (var vector = 0; vector < vectors; vector++)
        {
            var (filterBlock, inFilters) = Math.DivRem(panel * WinogradConvolution.Panel + vector * T.Count, lanes);
            for (var channel = 0; channel < channels; channel++)
            {
                var (channelBlock, inChannels) = Math.DivRem(first + channel, lanes);
                var blocksBefore = (long)filterBlock * (allChannels / lanes) + channelBlock;
                var kernel = (TVector*)(blocked + (blocksBefore * Side * Side * lanes + inChannels) * lanes + inFilters);
                var to = transformed + channel * vectors + vector;
                // The nine numbers of a kernel are too far apart for the processor to foresee those of the next block.
                for (var i = 0; i < Side * Side; i++)
                    Sse.Prefetch0(kernel + (Side * Side + i) * stride);
                WinogradTile.TransformKernel<T, TVector>(kernel, Side * stride, columns, Side);
                WinogradTile.TransformKernel<T, TVector>(kernel + stride, Side * stride, columns + 1, Side);
                WinogradTile.TransformKernel<T, TVector>(kernel + 2 * stride, Side * stride, columns + 2, Side);
                for (var y = 0; y < WinogradTile.Inputs; y++, to += WinogradTile.Inputs * placeLength)
                    WinogradTile.TransformKernel<T, TVector>(columns + y * Side, 1, to, placeLength);
            }
        }
    }

    // Transforms one channel of eight filters, in double so that only the last step rounds.
    private static void Transform(float* kernels, nint stride, float* to, nint placeStride)
    {
        for (var place = 0; place < WinogradTile.Places; place++)
        {
            var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
            for (var i = 0; i < Side * Side; i++)
            {
                var (lower, upper) = Vector256.Widen(Vector256.Load(kernels + i * stride));
                low += lower * Factors[place * Side * Side + i];
                high += upper * Factors[place * Side * Side + i];
            }
            Vector256.Narrow(low, high).Store(to + place * placeStride);
        }
    }
}

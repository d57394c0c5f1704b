using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TransferKit.Imaging;

/// <summary>Pillow's nearest filter, which is an affine transform and not a resampling.</summary>
internal static class NearestNeighbour
{
    public static void Resize(
        ReadOnlySpan<byte> source, int width, int height, Span<byte> target, int targetWidth, int targetHeight)
    {
        var columns = ArrayPool<int>.Shared.Rent(targetWidth);
        SampleCentres(columns.AsSpan(0, targetWidth), width);
        var rows = ArrayPool<int>.Shared.Rent(targetHeight);
        SampleCentres(rows.AsSpan(0, targetHeight), height);

        var pixels = MemoryMarshal.Cast<byte, Rgb>(source);
        var targetPixels = MemoryMarshal.Cast<byte, Rgb>(target);
        for (var y = 0; y < targetHeight; y++)
        {
            var from = pixels.Slice(rows[y] * width, width);
            var to = targetPixels.Slice(y * targetWidth, targetWidth);
            for (var x = 0; x < targetWidth; x++)
            {
                to[x] = from[columns[x]];
            }
        }
        ArrayPool<int>.Shared.Return(columns);
        ArrayPool<int>.Shared.Return(rows);
    }

    /// <summary>
    /// Which source position each target position takes. Pillow walks by adding the step each time instead of
    /// multiplying, and the rounding that piles up decides ties, so the sum is kept here too.
    /// </summary>
    private static void SampleCentres(Span<int> positions, int sourceSize)
    {
        var step = (double)sourceSize / positions.Length;
        var at = step * 0.5;
        foreach (ref var position in positions)
        {
            position = Math.Min((int)at, sourceSize - 1);
            at += step;
        }
    }

    [InlineArray(3)]
    private struct Rgb
    {
        private byte red;
    }
}

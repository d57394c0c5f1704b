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

        for (var y = 0; y < targetHeight; y++)
        {
            var from = source[(rows[y] * width * 3)..];
            var to = target[(y * targetWidth * 3)..];
            if (rows[y] < height - 1 && y < targetHeight - 1)
            {
                CopyWithNeighbour(from, to, columns.AsSpan(0, targetWidth));
                continue;
            }
            for (var x = 0; x < targetWidth; x++)
            {
                from.Slice(columns[x] * 3, 3).CopyTo(to[(x * 3)..]);
            }
        }
        ArrayPool<int>.Shared.Return(columns);
        ArrayPool<int>.Shared.Return(rows);
    }

    /// <summary>
    /// Moves four bytes for each three, which is faster; the fourth is overwritten by the next pixel or row. Only for
    /// rows that another follows, in the source as in the target.
    /// </summary>
    private static void CopyWithNeighbour(ReadOnlySpan<byte> from, Span<byte> to, ReadOnlySpan<int> columns)
    {
        ref var source = ref MemoryMarshal.GetReference(from);
        ref var target = ref MemoryMarshal.GetReference(to);
        for (var x = 0; x < columns.Length; x++)
        {
            var pixel = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, (nint)columns[x] * 3));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, (nint)x * 3), pixel);
        }
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
}

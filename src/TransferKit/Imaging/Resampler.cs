using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging;

/// <summary>
/// Pillow's resampling of 8-bit images: columns first into an 8-bit intermediate, then rows; a pass that would not
/// change the size is left out. The result does not depend on which kernel runs.
/// </summary>
internal static unsafe class Resampler
{
    /// <summary>How far a kernel may read past the last pixel of a row: surplus weights, and loads wider than a pixel.</summary>
    private const int ReadAhead = 16;

    /// <summary>How far a kernel may write past the last pixel of a row of the intermediate.</summary>
    private const int WriteAhead = 4;

    public static void Resize(
        ReadOnlySpan<byte> source, int width, int height,
        Span<byte> target, int targetWidth, int targetHeight, Interpolation filter)
    {
        if (Avx2.IsSupported)
        {
            Resize<Avx2Kernel>(source, width, height, target, targetWidth, targetHeight, filter);
        }
        else if (Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian)
        {
            Resize<Vector128Kernel>(source, width, height, target, targetWidth, targetHeight, filter);
        }
        else
        {
            Resize<ScalarKernel>(source, width, height, target, targetWidth, targetHeight, filter);
        }
    }

    internal static void Resize<TKernel>(
        ReadOnlySpan<byte> source, int width, int height,
        Span<byte> target, int targetWidth, int targetHeight, Interpolation filter)
        where TKernel : IResampleKernel
    {
        if (width == targetWidth)
        {
            using var down = ResampleWeights.Create(height, targetHeight, filter);
            ResizeRows<TKernel>(source, width * 3, width * 3, down, 0, target);
            return;
        }
        using var across = ResampleWeights.Create(width, targetWidth, filter);
        var stride = (targetWidth * 3) + WriteAhead;
        var size = (long)stride * height;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Array.MaxLength, nameof(targetWidth));
        var rented = LentMemory.Bytes.Rent((int)size);
        var between = rented.AsSpan(0, (int)size);
        if (height == targetHeight)
        {
            ResizeColumns<TKernel>(source, width, 0, height, across, between, stride);
            for (var y = 0; y < height; y++)
            {
                between.Slice(y * stride, targetWidth * 3).CopyTo(target[(y * targetWidth * 3)..]);
            }
        }
        else
        {
            using var down = ResampleWeights.Create(height, targetHeight, filter);
            var top = down.First[0];
            var rows = down.First[targetHeight - 1] + down.Count[targetHeight - 1] - top;
            ResizeColumns<TKernel>(source, width, top, rows, across, between, stride);
            ResizeRows<TKernel>(between, stride, targetWidth * 3, down, top, target);
        }
        LentMemory.Bytes.Return(rented);
    }

    private static void ResizeColumns<TKernel>(
        ReadOnlySpan<byte> source, int width, int top, int rows, ResampleWeights weights, Span<byte> target, int targetStride)
        where TKernel : IResampleKernel
    {
        var stride = width * 3;
        source = source.Slice(top * stride, rows * stride);
        // The last rows are read from a copy with room behind it, so that no kernel leaves the caller's memory.
        var inPlace = Math.Clamp((source.Length - ReadAhead) / stride, 0, rows);
        using var packed = TKernel.Pack(weights);
        fixed (byte* from = source, to = target)
        {
            TKernel.Columns(from, stride, inPlace, packed, to, targetStride);
            var left = source[(inPlace * stride)..];
            var rented = LentMemory.Bytes.Rent(left.Length + ReadAhead);
            left.CopyTo(rented);
            fixed (byte* tail = rented)
            {
                TKernel.Columns(tail, stride, rows - inPlace, packed, to + ((nint)inPlace * targetStride), targetStride);
            }
            LentMemory.Bytes.Return(rented);
        }
    }

    /// <param name="source">Rows from <paramref name="top"/> on.</param>
    /// <param name="stride">Bytes from one source row to the next.</param>
    /// <param name="length">Bytes in a row that count.</param>
    /// <param name="weights">Over rows.</param>
    /// <param name="top">The row of the picture that <paramref name="source"/> begins with.</param>
    /// <param name="target">Rows without padding.</param>
    private static void ResizeRows<TKernel>(
        ReadOnlySpan<byte> source, int stride, int length, ResampleWeights weights, int top, Span<byte> target)
        where TKernel : IResampleKernel
    {
        using var packed = TKernel.Pack(weights);
        fixed (byte* from = source, to = target)
        {
            for (var y = 0; y < weights.Positions; y++)
            {
                var first = from + ((nint)(weights.First[y] - top) * stride);
                TKernel.Row(first, stride, packed, y, to + ((nint)y * length), length);
            }
        }
    }
}

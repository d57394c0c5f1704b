using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Resizing;

/// <summary>
/// Implements the resampling loops with AVX2. Each weight is split into two 16-bit halves (<see cref="PackedWeights.Split"/>), which are
/// multiplied and summed separately and joined at the end. This is exact and avoids slower 32-bit multiplications.
/// </summary>
internal readonly unsafe struct Avx2Kernel : IResampleKernel
{
    public static PackedWeights Pack(ResampleWeights weights) => PackedWeights.Split(weights);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Columns(
        byte* source, nint stride, int rows, PackedWeights weights, byte* target, nint targetStride)
    {
        // Four rows at a time share the loads of the weights; a short group repeats its last row.
        for (var y = 0; y < rows; y += 4)
        {
            var row0 = source + (y * stride);
            var row1 = source + (Math.Min(y + 1, rows - 1) * stride);
            var row2 = source + (Math.Min(y + 2, rows - 1) * stride);
            var row3 = source + (Math.Min(y + 3, rows - 1) * stride);
            var to0 = target + (y * targetStride);
            var to1 = target + (Math.Min(y + 1, rows - 1) * targetStride);
            var to2 = target + (Math.Min(y + 2, rows - 1) * targetStride);
            var to3 = target + (Math.Min(y + 3, rows - 1) * targetStride);
            for (var x = 0; x < weights.Positions; x++)
            {
                var halves = (short*)weights.Values(x);
                nint at = weights.First(x) * 3;
                var end = at + ((nint)weights.Count(x) * 3);
                Vector256<int> low0 = default, low1 = default, low2 = default, low3 = default;
                Vector256<int> high0 = default, high1 = default, high2 = default, high3 = default;
                for (; at < end; at += 3 * PackedWeights.Block, halves += 2 * PackedWeights.Block)
                {
                    var both = Avx2.BroadcastVector128ToVector256(halves).AsByte();
                    var low = Avx2.Shuffle(both, LowPairs).AsInt16();
                    var high = Avx2.Shuffle(both, HighPairs).AsInt16();
                    var pixels = FourPixels(row0 + at);
                    low0 += Avx2.MultiplyAddAdjacent(pixels, low);
                    high0 += Avx2.MultiplyAddAdjacent(pixels, high);
                    pixels = FourPixels(row1 + at);
                    low1 += Avx2.MultiplyAddAdjacent(pixels, low);
                    high1 += Avx2.MultiplyAddAdjacent(pixels, high);
                    pixels = FourPixels(row2 + at);
                    low2 += Avx2.MultiplyAddAdjacent(pixels, low);
                    high2 += Avx2.MultiplyAddAdjacent(pixels, high);
                    pixels = FourPixels(row3 + at);
                    low3 += Avx2.MultiplyAddAdjacent(pixels, low);
                    high3 += Avx2.MultiplyAddAdjacent(pixels, high);
                }
                var first = Sse2.PackSignedSaturate(Pixel(low0, high0), Pixel(low1, high1));
                var second = Sse2.PackSignedSaturate(Pixel(low2, high2), Pixel(low3, high3));
                var bytes = Sse2.PackUnsignedSaturate(first, second).AsUInt32();
                // The next pixel overwrites each fourth byte, which is undefined.
                nint pixel = x * 3;
                Unsafe.WriteUnaligned(to0 + pixel, bytes[0]);
                Unsafe.WriteUnaligned(to1 + pixel, bytes[1]);
                Unsafe.WriteUnaligned(to2 + pixel, bytes[2]);
                Unsafe.WriteUnaligned(to3 + pixel, bytes[3]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(
        byte* source, nint stride, PackedWeights weights, int index, byte* target, int length)
    {
        var values = (short*)weights.Values(index);
        var count = weights.Count(index);
        if (length < Vector256<byte>.Count)
        {
            ShortRow(source, stride, values, count, target, length);
            return;
        }
        for (nint x = 0; ; x += Vector256<byte>.Count)
        {
            // The last step overlaps the one before, so that it stays within the row.
            x = Math.Min(x, length - Vector256<byte>.Count);
            var from = source + x;
            Vector256<int> low0 = default, low1 = default, low2 = default, low3 = default;
            Vector256<int> high0 = default, high1 = default, high2 = default, high3 = default;
            for (var i = 0; i < count; i += 2, from += 2 * stride)
            {
                var pair = values + HalvesAt(i);
                var low = Vector256.Create(Unsafe.ReadUnaligned<int>(pair)).AsInt16();
                var high = Vector256.Create(Unsafe.ReadUnaligned<int>(pair + PackedWeights.Block)).AsInt16();
                var upper = Vector256.Load(from);
                // An odd last row is paired with itself, because its second weight is zero.
                var lower = Vector256.Load(i + 1 < count ? from + stride : from);
                var left = Avx2.UnpackLow(upper, lower);
                var right = Avx2.UnpackHigh(upper, lower);
                var pairs = Avx2.UnpackLow(left, default).AsInt16();
                low0 += Avx2.MultiplyAddAdjacent(pairs, low);
                high0 += Avx2.MultiplyAddAdjacent(pairs, high);
                pairs = Avx2.UnpackHigh(left, default).AsInt16();
                low1 += Avx2.MultiplyAddAdjacent(pairs, low);
                high1 += Avx2.MultiplyAddAdjacent(pairs, high);
                pairs = Avx2.UnpackLow(right, default).AsInt16();
                low2 += Avx2.MultiplyAddAdjacent(pairs, low);
                high2 += Avx2.MultiplyAddAdjacent(pairs, high);
                pairs = Avx2.UnpackHigh(right, default).AsInt16();
                low3 += Avx2.MultiplyAddAdjacent(pairs, low);
                high3 += Avx2.MultiplyAddAdjacent(pairs, high);
            }
            var first = Avx2.PackSignedSaturate(Round(low0, high0), Round(low1, high1));
            var second = Avx2.PackSignedSaturate(Round(low2, high2), Round(low3, high3));
            Avx2.PackUnsignedSaturate(first, second).Store(target + x);
            if (x == length - Vector256<byte>.Count)
            {
                return;
            }
        }
    }

    /// <summary>Computes a row that is too short for a vector, with the same sums and the halves joined for each weight.</summary>
    private static void ShortRow(byte* source, nint stride, short* halves, int count, byte* target, int length)
    {
        for (var x = 0; x < length; x++)
        {
            var sum = ResampleWeights.Half;
            for (var i = 0; i < count; i++)
            {
                var at = halves + HalvesAt(i);
                sum += source[(i * stride) + x] * ((at[PackedWeights.Block] << PackedWeights.LowBits) + at[0]);
            }
            target[x] = (byte)Math.Clamp(sum >> ResampleWeights.Precision, 0, 255);
        }
    }

    /// <summary>Returns the index of the low half of weight <paramref name="i"/>. The high half is one block further.</summary>
    private static int HalvesAt(int i) =>
        (i / PackedWeights.Block * 2 * PackedWeights.Block) + (i % PackedWeights.Block);

    /// <summary>Gets the shuffle of the low halves: the first two of four weights in the lower lane, the last two in the upper.</summary>
    private static Vector256<byte> LowPairs => Vector256.Create(
        Vector128.Create(0x03020100).AsByte(), Vector128.Create(0x07060504).AsByte());

    private static Vector256<byte> HighPairs => Vector256.Create(
        Vector128.Create(0x0B0A0908).AsByte(), Vector128.Create(0x0F0E0D0C).AsByte());

    /// <summary>Loads four RGB pixels as 16-bit pairs: R0R1 G0G1 B0B1 00 in the lower lane, R2R3 G2G3 B2B3 00 in the upper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> FourPixels(byte* from)
    {
        const byte no = 0x80;
        return Avx2.Shuffle(
            Avx2.BroadcastVector128ToVector256(from),
            Vector256.Create(
                0, no, 3, no, 1, no, 4, no, 2, no, 5, no, no, no, no, no,
                6, no, 9, no, 7, no, 10, no, 8, no, 11, no, no, no, no, no)).AsInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Pixel(Vector256<int> low, Vector256<int> high)
    {
        var sum = low + (high << PackedWeights.LowBits);
        return (sum.GetLower() + sum.GetUpper() + Vector128.Create(ResampleWeights.Half)) >> ResampleWeights.Precision;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Round(Vector256<int> low, Vector256<int> high) =>
        (low + (high << PackedWeights.LowBits) + Vector256.Create(ResampleWeights.Half)) >> ResampleWeights.Precision;
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Resizing;

/// <summary>
/// Implements the resampling loops with AVX-VNNI, one instruction of which sums four products of bytes. Each weight is split into three
/// digits (<see cref="PackedWeights.Digits"/>), whose products are summed separately and joined at the end, which is exact.
/// </summary>
internal readonly unsafe struct VnniKernel : IResampleKernel
{
    private const int Block = PackedWeights.DigitBlock;

    public static PackedWeights Pack(ResampleWeights weights) => PackedWeights.Digits(weights);

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
                var digits = (byte*)weights.Values(x);
                nint at = weights.First(x) * 3;
                var end = at + ((nint)weights.Count(x) * 3);
                Vector256<int> low0 = default, low1 = default, low2 = default, low3 = default;
                Vector256<int> middle0 = default, middle1 = default, middle2 = default, middle3 = default;
                Vector256<int> high0 = default, high1 = default, high2 = default, high3 = default;
                for (; at < end; at += 3 * Block, digits += sizeof(int) * Block)
                {
                    var (low, middle) = (EightDigits(digits), EightDigits(digits + Block));
                    var high = EightDigits(digits + (2 * Block));
                    Add(EightPixels(row0 + at), low, middle, high, ref low0, ref middle0, ref high0);
                    Add(EightPixels(row1 + at), low, middle, high, ref low1, ref middle1, ref high1);
                    Add(EightPixels(row2 + at), low, middle, high, ref low2, ref middle2, ref high2);
                    Add(EightPixels(row3 + at), low, middle, high, ref low3, ref middle3, ref high3);
                }
                var first = Sse2.PackSignedSaturate(Pixel(low0, middle0, high0), Pixel(low1, middle1, high1));
                var second = Sse2.PackSignedSaturate(Pixel(low2, middle2, high2), Pixel(low3, middle3, high3));
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
        var values = (sbyte*)weights.Values(index);
        var count = weights.Count(index);
        if (length < Vector256<byte>.Count)
        {
            ShortRow(source, stride, values, count, target, length);
            return;
        }
        var last = (count - 1) * stride;
        for (nint x = 0; ; x += Vector256<byte>.Count)
        {
            // The last step overlaps the one before, so that it stays within the row.
            x = Math.Min(x, length - Vector256<byte>.Count);
            var from = source + x;
            Vector256<int> low0 = default, low1 = default, low2 = default, low3 = default;
            Vector256<int> middle0 = default, middle1 = default, middle2 = default, middle3 = default;
            Vector256<int> high0 = default, high1 = default, high2 = default, high3 = default;
            nint at = 0;
            for (var i = 0; i < count; i += 4, at += 4 * stride)
            {
                var digits = values + DigitsAt(i);
                var (low, middle, high) = (FourDigits(digits), FourDigits(digits + Block), FourDigits(digits + (2 * Block)));
                // Rows past the last one are replaced by it, because their weights are zero.
                var first = Vector256.Load(from + at);
                var second = Vector256.Load(from + Math.Min(at + stride, last));
                var third = Vector256.Load(from + Math.Min(at + (2 * stride), last));
                var fourth = Vector256.Load(from + Math.Min(at + (3 * stride), last));
                var (upperLeft, upperRight) = (Avx2.UnpackLow(first, second).AsInt16(), Avx2.UnpackHigh(first, second).AsInt16());
                var (lowerLeft, lowerRight) = (Avx2.UnpackLow(third, fourth).AsInt16(), Avx2.UnpackHigh(third, fourth).AsInt16());
                Add(Avx2.UnpackLow(upperLeft, lowerLeft).AsByte(), low, middle, high, ref low0, ref middle0, ref high0);
                Add(Avx2.UnpackHigh(upperLeft, lowerLeft).AsByte(), low, middle, high, ref low1, ref middle1, ref high1);
                Add(Avx2.UnpackLow(upperRight, lowerRight).AsByte(), low, middle, high, ref low2, ref middle2, ref high2);
                Add(Avx2.UnpackHigh(upperRight, lowerRight).AsByte(), low, middle, high, ref low3, ref middle3, ref high3);
            }
            var left = Avx2.PackSignedSaturate(Round(low0, middle0, high0), Round(low1, middle1, high1));
            var right = Avx2.PackSignedSaturate(Round(low2, middle2, high2), Round(low3, middle3, high3));
            Avx2.PackUnsignedSaturate(left, right).Store(target + x);
            if (x == length - Vector256<byte>.Count)
            {
                return;
            }
        }
    }

    /// <summary>Computes a row that is too short for a vector, with the same sums and the digits joined for each weight.</summary>
    private static void ShortRow(byte* source, nint stride, sbyte* digits, int count, byte* target, int length)
    {
        for (var x = 0; x < length; x++)
        {
            var sum = ResampleWeights.Half;
            for (var i = 0; i < count; i++)
            {
                var at = digits + DigitsAt(i);
                sum += source[(i * stride) + x] * (at[0] + (at[Block] << 8) + (at[2 * Block] << 16));
            }
            target[x] = (byte)Math.Clamp(sum >> ResampleWeights.Precision, 0, 255);
        }
    }

    /// <summary>Returns the index of the lowest digit of a weight. The other digits are one and two blocks further.</summary>
    private static int DigitsAt(int i) => (i / Block * sizeof(int) * Block) + (i % Block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        Vector256<byte> pixels, Vector256<sbyte> lowDigits, Vector256<sbyte> middleDigits, Vector256<sbyte> highDigits,
        ref Vector256<int> low, ref Vector256<int> middle, ref Vector256<int> high)
    {
        low = AvxVnni.MultiplyWideningAndAdd(low, pixels, lowDigits);
        middle = AvxVnni.MultiplyWideningAndAdd(middle, pixels, middleDigits);
        high = AvxVnni.MultiplyWideningAndAdd(high, pixels, highDigits);
    }

    /// <summary>Loads a digit of eight weights, the first four for each colour in the lower lane, the last four in the upper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<sbyte> EightDigits(byte* digits) => Avx2.Shuffle(
        Vector256.Create(Unsafe.ReadUnaligned<long>(digits)).AsByte(),
        Vector256.Create(Vector128.Create(0x03020100), Vector128.Create(0x07060504)).AsByte()).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<sbyte> FourDigits(sbyte* digits) => Vector256.Create(Unsafe.ReadUnaligned<int>(digits)).AsSByte();

    /// <summary>Loads eight RGB pixels: RRRR GGGG BBBB 0000 of the first four in the lower lane, of the last four in the upper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> EightPixels(byte* from)
    {
        const byte no = 0x80;
        var order = Vector128.Create((byte)0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, no, no, no, no);
        return Avx2.Shuffle(Vector256.Create(Vector128.Load(from), Vector128.Load(from + 12)), Vector256.Create(order, order));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Pixel(Vector256<int> low, Vector256<int> middle, Vector256<int> high)
    {
        var sum = low + (middle << 8) + (high << 16);
        return (sum.GetLower() + sum.GetUpper() + Vector128.Create(ResampleWeights.Half)) >> ResampleWeights.Precision;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Round(Vector256<int> low, Vector256<int> middle, Vector256<int> high) =>
        (low + (middle << 8) + (high << 16) + Vector256.Create(ResampleWeights.Half)) >> ResampleWeights.Precision;
}

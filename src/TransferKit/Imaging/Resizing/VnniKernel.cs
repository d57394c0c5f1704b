using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Resizing;

/// <summary>
/// Implements the resampling loops with AVX-VNNI, one instruction of which sums four products of bytes. Each weight is split into three
/// digits (<see cref="PackedWeights.Digits"/>), whose products are summed separately and joined at the end, which is exact. Two positions
/// of a row are computed at once, one in each lane of a vector.
/// </summary>
internal readonly unsafe struct VnniKernel : IResampleKernel
{
    private const int Block = PackedWeights.Block;
    private const int BlockBytes = Block * sizeof(int);

    /// <summary>Gets the half unit that rounds the sums.</summary>
    private static Vector256<int> Half => Vector256.Create(ResampleWeights.Half);

    public static PackedWeights Pack(ResampleWeights weights) => PackedWeights.Digits(weights);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Columns(
        byte* source, nint stride, int rows, PackedWeights weights, byte* target, nint targetStride)
    {
        var width = stride / 3;
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
            for (int x = 0, second; x < weights.Positions; x = second + 1)
            {
                var blocks = Blocks(weights, x);
                second = Math.Min(x + 1, weights.Positions - 1);
                var most = Math.Max(blocks, Blocks(weights, second));
                // Weights past the last one are zero, but near the end of a row a wide filter would read too far past it.
                if (Math.Max(weights.First(x), weights.First(second)) + (most * Block) <= width + Block)
                {
                    blocks = most;
                }
                else
                {
                    second = x;
                }
                var (digits, digits2) = ((nint)weights.Values(x), (nint)weights.Values(second));
                nint at = weights.First(x) * 3;
                var toSecond = (weights.First(second) * 3) - at;
                Vector256<int> low0 = Half, low1 = Half, low2 = Half, low3 = Half;
                Vector256<int> middle0 = default, middle1 = default, middle2 = default, middle3 = default;
                Vector256<int> high0 = default, high1 = default, high2 = default, high3 = default;
                for (; blocks > 0; blocks--, at += 3 * Block, digits += BlockBytes, digits2 += BlockBytes)
                {
                    var both = Vector256.Create(Vector128.Load((int*)digits), Vector128.Load((int*)digits2));
                    var low = Avx2.Shuffle(both, 0).AsSByte();
                    var middle = Avx2.Shuffle(both, 0b01_01_01_01).AsSByte();
                    var high = Avx2.Shuffle(both, 0b10_10_10_10).AsSByte();
                    Add(Pixels(row0 + at, toSecond), low, middle, high, ref low0, ref middle0, ref high0);
                    Add(Pixels(row1 + at, toSecond), low, middle, high, ref low1, ref middle1, ref high1);
                    Add(Pixels(row2 + at, toSecond), low, middle, high, ref low2, ref middle2, ref high2);
                    Add(Pixels(row3 + at, toSecond), low, middle, high, ref low3, ref middle3, ref high3);
                }
                var upper = Avx2.PackSignedSaturate(Joined(low0, middle0, high0), Joined(low1, middle1, high1));
                var lower = Avx2.PackSignedSaturate(Joined(low2, middle2, high2), Joined(low3, middle3, high3));
                var bytes = Avx2.PackUnsignedSaturate(upper, lower);
                Store(bytes.GetLower().AsUInt32(), to0, to1, to2, to3, x * 3);
                Store(bytes.GetUpper().AsUInt32(), to0, to1, to2, to3, second * 3);
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
            Vector256<int> low0 = Half, low1 = Half, low2 = Half, low3 = Half;
            Vector256<int> middle0 = default, middle1 = default, middle2 = default, middle3 = default;
            Vector256<int> high0 = default, high1 = default, high2 = default, high3 = default;
            nint at = 0;
            for (var i = 0; i < count; i += Block, at += Block * stride)
            {
                var digits = values + (i * sizeof(int));
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
            var left = Avx2.PackSignedSaturate(Joined(low0, middle0, high0), Joined(low1, middle1, high1));
            var right = Avx2.PackSignedSaturate(Joined(low2, middle2, high2), Joined(low3, middle3, high3));
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
                var at = digits + (i / Block * BlockBytes) + (i % Block);
                sum += source[(i * stride) + x] * (at[0] + (at[Block] << 8) + (at[2 * Block] << 16));
            }
            target[x] = (byte)Math.Clamp(sum >> ResampleWeights.Precision, 0, 255);
        }
    }

    /// <summary>Returns the number of blocks of the weights of a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Blocks(PackedWeights weights, int position) => (weights.Count(position) + Block - 1) / Block;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        Vector256<byte> pixels, Vector256<sbyte> lowDigits, Vector256<sbyte> middleDigits, Vector256<sbyte> highDigits,
        ref Vector256<int> low, ref Vector256<int> middle, ref Vector256<int> high)
    {
        low = AvxVnni.MultiplyWideningAndAdd(low, pixels, lowDigits);
        middle = AvxVnni.MultiplyWideningAndAdd(middle, pixels, middleDigits);
        high = AvxVnni.MultiplyWideningAndAdd(high, pixels, highDigits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<sbyte> FourDigits(sbyte* digits) => Vector256.Create(Unsafe.ReadUnaligned<int>(digits)).AsSByte();

    /// <summary>Loads four RGB pixels of each of two positions as RRRR GGGG BBBB 0000, one position in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Pixels(byte* from, nint toSecond)
    {
        const byte no = 0x80;
        var order = Vector128.Create((byte)0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, no, no, no, no);
        return Avx2.Shuffle(Vector256.Create(Vector128.Load(from), Vector128.Load(from + toSecond)), Vector256.Create(order, order));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Joined(Vector256<int> low, Vector256<int> middle, Vector256<int> high) =>
        (low + (middle << 8) + (high << 16)) >> ResampleWeights.Precision;

    // The next pixel overwrites each fourth byte, which is undefined.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<uint> pixels, byte* to0, byte* to1, byte* to2, byte* to3, nint at)
    {
        Unsafe.WriteUnaligned(to0 + at, pixels[0]);
        Unsafe.WriteUnaligned(to1 + at, pixels[1]);
        Unsafe.WriteUnaligned(to2 + at, pixels[2]);
        Unsafe.WriteUnaligned(to3 + at, pixels[3]);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Transforms coefficients to fewer samples than eight by eight, with the integers of libjpeg's reduced transforms (<c>jidctred.c</c>).
/// They serve pictures at a half, a quarter or an eighth of their size. Columns come first, then rows, within the bounds of
/// <see cref="InverseDct"/>, so the sums fit 32 bits.
/// </summary>
internal static unsafe class ReducedInverseDct
{
    // These factors, multiplied by 2^13, do not occur in the whole transform.
    private const int F0211 = 1730;
    private const int F0509 = 4176;
    private const int F0601 = 4926;
    private const int F0720 = 5906;
    private const int F0850 = 6967;
    private const int F1061 = 8697;
    private const int F1272 = 10426;
    private const int F1451 = 11893;
    private const int F2172 = 17799;
    private const int F3624 = 29692;

    private const int FirstPass = InverseDct.FactorBits - InverseDct.FirstPassBits;
    private const int SecondPass = InverseDct.FactorBits + InverseDct.FirstPassBits + InverseDct.BothPassesBits;

    /// <summary>Transforms a row of adjacent blocks.</summary>
    /// <param name="blocks">Coefficients of the blocks.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="size">Number of samples of a block in each direction: 4, 2 or 1.</param>
    /// <param name="samples">Target of the first sample of the first block.</param>
    /// <param name="stride">Distance between rows of samples.</param>
    /// <returns>False if a sample is outside the range of valid pictures.</returns>
    public static bool Transform(short* blocks, int count, int size, byte* samples, nint stride) => InverseDct.IsNear(size switch
    {
        4 => Four(blocks, count, samples, stride),
        2 => Two(blocks, count, samples, stride),
        _ => One(blocks, count, samples),
    });

    // Each method returns the largest distance of a sample from the middle.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Four(short* blocks, int count, byte* samples, nint stride)
    {
        var largest = Vector128<int>.Zero;
        for (var end = blocks + (64L * count); blocks < end; blocks += 64, samples += 4)
        {
            // The transform does not use row 4 and column 4.
            FourOfEight(
                Row(blocks, 0), Row(blocks, 1), Row(blocks, 2), Row(blocks, 3),
                Row(blocks, 5), Row(blocks, 6), Row(blocks, 7), FirstPass + 1,
                out var row0, out var row1, out var row2, out var row3);
            Transpose(row0.GetLower(), row1.GetLower(), row2.GetLower(), row3.GetLower(), out var c0, out var c1, out var c2, out var c3);
            Transpose(row0.GetUpper(), row1.GetUpper(), row2.GetUpper(), row3.GetUpper(), out _, out var c5, out var c6, out var c7);
            // The four rows fill half of each vector.
            FourOfEight(
                c0.ToVector256Unsafe(), c1.ToVector256Unsafe(), c2.ToVector256Unsafe(), c3.ToVector256Unsafe(),
                c5.ToVector256Unsafe(), c6.ToVector256Unsafe(), c7.ToVector256Unsafe(), SecondPass + 1,
                out var column0, out var column1, out var column2, out var column3);
            Transpose(
                column0.GetLower(), column1.GetLower(), column2.GetLower(), column3.GetLower(),
                out var s0, out var s1, out var s2, out var s3);
            largest = Vector128.Max(
                Vector128.Max(largest, Vector128.Max(Vector128.Abs(s0), Vector128.Abs(s1))),
                Vector128.Max(Vector128.Abs(s2), Vector128.Abs(s3)));
            var bytes = Vector128.Narrow(
                Vector128.Narrow(Clipped(s0), Clipped(s1)), Vector128.Narrow(Clipped(s2), Clipped(s3))).AsUInt32();
            Unsafe.WriteUnaligned(samples, bytes[0]);
            Unsafe.WriteUnaligned(samples + stride, bytes[1]);
            Unsafe.WriteUnaligned(samples + (2 * stride), bytes[2]);
            Unsafe.WriteUnaligned(samples + (3 * stride), bytes[3]);
        }
        return Math.Max(Math.Max(largest[0], largest[1]), Math.Max(largest[2], largest[3]));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Two(short* blocks, int count, byte* samples, nint stride)
    {
        var largest = 0;
        var odd = Vector256.Create(0, F3624, 0, -F1272, 0, F0850, 0, -F0720);
        for (var end = blocks + (64L * count); blocks < end; blocks += 64, samples += 2)
        {
            // The transform uses the first row and column and the odd ones.
            var even = (Row(blocks, 0) << (InverseDct.FactorBits + 2)) + Vector256.Create(1 << (FirstPass + 1));
            var sum = (Row(blocks, 1) * F3624) - (Row(blocks, 3) * F1272) + (Row(blocks, 5) * F0850) - (Row(blocks, 7) * F0720);
            TwoOfEight((even + sum) >> (FirstPass + 2), odd, samples, ref largest);
            TwoOfEight((even - sum) >> (FirstPass + 2), odd, samples + stride, ref largest);
        }
        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int One(short* blocks, int count, byte* samples)
    {
        var largest = 0;
        for (var i = 0; i < count; i++, blocks += 64)
            samples[i] = Clipped((blocks[0] + (1 << (InverseDct.BothPassesBits - 1))) >> InverseDct.BothPassesBits, ref largest);
        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourOfEight(
        Vector256<int> v0, Vector256<int> v1, Vector256<int> v2, Vector256<int> v3, Vector256<int> v5, Vector256<int> v6, Vector256<int> v7,
        int shift, out Vector256<int> r0, out Vector256<int> r1, out Vector256<int> r2, out Vector256<int> r3)
    {
        var middle = (v0 << (InverseDct.FactorBits + 1)) + Vector256.Create(1 << (shift - 1));
        var even = (v2 * InverseDct.F1847) - (v6 * InverseDct.F0765);
        var inner = (v1 * F1061) - (v3 * F2172) + (v5 * F1451) - (v7 * F0211);
        var outer = (v1 * InverseDct.F2562) + (v3 * InverseDct.F0899) - (v5 * F0601) - (v7 * F0509);
        (r0, r3) = ((middle + even + outer) >> shift, (middle + even - outer) >> shift);
        (r1, r2) = ((middle - even + inner) >> shift, (middle - even - inner) >> shift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TwoOfEight(Vector256<int> row, Vector256<int> odd, byte* samples, ref int largest)
    {
        const int shift = SecondPass + 2;
        var even = (row[0] << (InverseDct.FactorBits + 2)) + (1 << (shift - 1));
        var sum = Vector256.Sum(row * odd);
        samples[0] = Clipped((even + sum) >> shift, ref largest);
        samples[1] = Clipped((even - sum) >> shift, ref largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Row(short* block, int row) => Vector256.WidenLower(Vector128.Load(block + (row * 8)).ToVector256Unsafe());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Clipped(Vector128<int> sample) =>
        Vector128.Min(Vector128.Max(sample + Vector128.Create(128), Vector128<int>.Zero), Vector128.Create(255)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Clipped(int sample, ref int largest)
    {
        largest = Math.Max(largest, Math.Abs(sample));
        return (byte)Math.Clamp(sample + 128, 0, 255);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        Vector128<int> v0, Vector128<int> v1, Vector128<int> v2, Vector128<int> v3,
        out Vector128<int> r0, out Vector128<int> r1, out Vector128<int> r2, out Vector128<int> r3)
    {
        var (a0, a1) = (Low(v0, v2), High(v0, v2));
        var (b0, b1) = (Low(v1, v3), High(v1, v3));
        (r0, r1) = (Low(a0, b0), High(a0, b0));
        (r2, r3) = (Low(a1, b1), High(a1, b1));
    }

    // Low interleaves the lower halves of two vectors, and High the upper ones.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Low(Vector128<int> a, Vector128<int> b) => Sse2.IsSupported ? Sse2.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> High(Vector128<int> a, Vector128<int> b) => Sse2.IsSupported ? Sse2.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);
}

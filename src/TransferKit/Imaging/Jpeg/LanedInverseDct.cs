using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Computes the transform with AVX2, two blocks at once, one in each half of a vector. The sums of a pass are regrouped by inputs, so that
/// one instruction multiplies and adds pairs of them. The integers stay the same.
/// </summary>
internal static unsafe class Avx2InverseDct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Transform(short* blocks, int count, byte* samples, nint stride)
    {
        var largest = Vector256<ushort>.Zero;
        for (var i = 0; i < count; i += 2, blocks += 128, samples += 16)
        {
            Vector256<short> v0 = Row(blocks, 0), v1 = Row(blocks, 1), v2 = Row(blocks, 2), v3 = Row(blocks, 3);
            Vector256<short> v4 = Row(blocks, 4), v5 = Row(blocks, 5), v6 = Row(blocks, 6), v7 = Row(blocks, 7);
            var rest = (v0 & NoDc) | v1 | v2 | v3 | v4 | v5 | v6 | v7;
            if (rest == Vector256<short>.Zero)
            {
                // With only the DC coefficient, all samples of a block have the same value.
                Fill(samples, stride, blocks[0], blocks[64]);
                continue;
            }
            Pass(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, InverseDct.FactorBits - InverseDct.FirstPassBits);
            Transpose(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
            Pass(
                ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7,
                InverseDct.FactorBits + InverseDct.FirstPassBits + InverseDct.BothPassesBits);
            largest = Largest(Largest(Largest(Largest(largest, v0, v1), v2, v3), v4, v5), v6, v7);
            Store(v0, v1, v2, v3, v4, v5, v6, v7, samples, stride);
        }
        var most = 0;
        for (var i = 0; i < Vector256<ushort>.Count; i++)
        {
            most = Math.Max(most, largest[i]);
        }
        return InverseDct.IsNear(most);
    }

    private static Vector256<short> NoDc => Vector256.Create(0, -1, -1, -1, -1, -1, -1, -1, 0, -1, -1, -1, -1, -1, -1, -1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Row(short* blocks, int row) =>
        Vector256.Create(Vector128.Load(blocks + (row * 8)), Vector128.Load(blocks + 64 + (row * 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Largest(Vector256<ushort> largest, Vector256<short> a, Vector256<short> b) =>
        Vector256.Max(largest, Vector256.Max(Avx2.Abs(a), Avx2.Abs(b)));

    private static void Fill(byte* samples, nint stride, int left, int right)
    {
        var row = Vector128.Create(Vector64.Create(Sample(left)), Vector64.Create(Sample(right)));
        for (var y = 0; y < 8; y++)
        {
            row.Store(samples + (y * stride));
        }

        static byte Sample(int dc) => (byte)Math.Clamp(((dc + 4) >> 3) + 128, 0, 255);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pass(
        ref Vector256<short> v0, ref Vector256<short> v1, ref Vector256<short> v2, ref Vector256<short> v3,
        ref Vector256<short> v4, ref Vector256<short> v5, ref Vector256<short> v6, ref Vector256<short> v7, [ConstantExpected] byte shift)
    {
        Half(
            Avx2.UnpackLow(v0, v4), Avx2.UnpackLow(v2, v6), Avx2.UnpackLow(v1, v3), Avx2.UnpackLow(v5, v7), shift,
            out var low0, out var low1, out var low2, out var low3, out var low4, out var low5, out var low6, out var low7);
        Half(
            Avx2.UnpackHigh(v0, v4), Avx2.UnpackHigh(v2, v6), Avx2.UnpackHigh(v1, v3), Avx2.UnpackHigh(v5, v7), shift,
            out var high0, out var high1, out var high2, out var high3, out var high4, out var high5, out var high6, out var high7);
        v0 = Avx2.PackSignedSaturate(low0, high0);
        v1 = Avx2.PackSignedSaturate(low1, high1);
        v2 = Avx2.PackSignedSaturate(low2, high2);
        v3 = Avx2.PackSignedSaturate(low3, high3);
        v4 = Avx2.PackSignedSaturate(low4, high4);
        v5 = Avx2.PackSignedSaturate(low5, high5);
        v6 = Avx2.PackSignedSaturate(low6, high6);
        v7 = Avx2.PackSignedSaturate(low7, high7);
    }

    /// <summary>Transforms eight columns in one dimension; each input vector interleaves two of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Half(
        Vector256<short> v04, Vector256<short> v26, Vector256<short> v13, Vector256<short> v57, [ConstantExpected] byte shift,
        out Vector256<int> r0, out Vector256<int> r1, out Vector256<int> r2, out Vector256<int> r3,
        out Vector256<int> r4, out Vector256<int> r5, out Vector256<int> r6, out Vector256<int> r7)
    {
        const short one = 1 << InverseDct.FactorBits;
        var half = Vector256.Create(1 << (shift - 1));
        var sum = Sum(v04, one, one) + half;
        var difference = Sum(v04, one, -one) + half;
        var outer = Sum(v26, InverseDct.F0541 + InverseDct.F0765, InverseDct.F0541);
        var inner = Sum(v26, InverseDct.F0541, InverseDct.F0541 - InverseDct.F1847);
        var (even0, even1, even2, even3) = (sum + outer, difference + inner, difference - inner, sum - outer);

        var odd0 = Sum(v13, InverseDct.F1175 + InverseDct.F1501 - InverseDct.F0899 - InverseDct.F0390, InverseDct.F1175)
            + Sum(v57, InverseDct.F1175 - InverseDct.F0390, InverseDct.F1175 - InverseDct.F0899);
        var odd1 = Sum(v13, InverseDct.F1175, InverseDct.F1175 + InverseDct.F3072 - InverseDct.F2562 - InverseDct.F1961)
            + Sum(v57, InverseDct.F1175 - InverseDct.F2562, InverseDct.F1175 - InverseDct.F1961);
        var odd2 = Sum(v13, InverseDct.F1175 - InverseDct.F0390, InverseDct.F1175 - InverseDct.F2562)
            + Sum(v57, InverseDct.F1175 + InverseDct.F2053 - InverseDct.F2562 - InverseDct.F0390, InverseDct.F1175);
        var odd3 = Sum(v13, InverseDct.F1175 - InverseDct.F0899, InverseDct.F1175 - InverseDct.F1961)
            + Sum(v57, InverseDct.F1175, InverseDct.F1175 + InverseDct.F0298 - InverseDct.F0899 - InverseDct.F1961);

        (r0, r7) = ((even0 + odd0) >> shift, (even0 - odd0) >> shift);
        (r1, r6) = ((even1 + odd1) >> shift, (even1 - odd1) >> shift);
        (r2, r5) = ((even2 + odd2) >> shift, (even2 - odd2) >> shift);
        (r3, r4) = ((even3 + odd3) >> shift, (even3 - odd3) >> shift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Sum(Vector256<short> pairs, short first, short second) =>
        Avx2.MultiplyAddAdjacent(pairs, Vector256.Create((ushort)first | (second << 16)).AsInt16());

    /// <summary>Transposes each half by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        ref Vector256<short> v0, ref Vector256<short> v1, ref Vector256<short> v2, ref Vector256<short> v3,
        ref Vector256<short> v4, ref Vector256<short> v5, ref Vector256<short> v6, ref Vector256<short> v7)
    {
        var a0 = Avx2.UnpackLow(v0, v1).AsInt32();
        var a1 = Avx2.UnpackHigh(v0, v1).AsInt32();
        var a2 = Avx2.UnpackLow(v2, v3).AsInt32();
        var a3 = Avx2.UnpackHigh(v2, v3).AsInt32();
        var a4 = Avx2.UnpackLow(v4, v5).AsInt32();
        var a5 = Avx2.UnpackHigh(v4, v5).AsInt32();
        var a6 = Avx2.UnpackLow(v6, v7).AsInt32();
        var a7 = Avx2.UnpackHigh(v6, v7).AsInt32();
        var b0 = Avx2.UnpackLow(a0, a2).AsInt64();
        var b1 = Avx2.UnpackHigh(a0, a2).AsInt64();
        var b2 = Avx2.UnpackLow(a1, a3).AsInt64();
        var b3 = Avx2.UnpackHigh(a1, a3).AsInt64();
        var b4 = Avx2.UnpackLow(a4, a6).AsInt64();
        var b5 = Avx2.UnpackHigh(a4, a6).AsInt64();
        var b6 = Avx2.UnpackLow(a5, a7).AsInt64();
        var b7 = Avx2.UnpackHigh(a5, a7).AsInt64();
        (v0, v1) = (Avx2.UnpackLow(b0, b4).AsInt16(), Avx2.UnpackHigh(b0, b4).AsInt16());
        (v2, v3) = (Avx2.UnpackLow(b1, b5).AsInt16(), Avx2.UnpackHigh(b1, b5).AsInt16());
        (v4, v5) = (Avx2.UnpackLow(b2, b6).AsInt16(), Avx2.UnpackHigh(b2, b6).AsInt16());
        (v6, v7) = (Avx2.UnpackLow(b3, b7).AsInt16(), Avx2.UnpackHigh(b3, b7).AsInt16());
    }

    /// <summary>Transposes the samples back and stores them as bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        Vector256<short> v0, Vector256<short> v1, Vector256<short> v2, Vector256<short> v3,
        Vector256<short> v4, Vector256<short> v5, Vector256<short> v6, Vector256<short> v7, byte* samples, nint stride)
    {
        var a0 = Avx2.PackSignedSaturate(v0, v4);
        var a1 = Avx2.PackSignedSaturate(v1, v5);
        var a2 = Avx2.PackSignedSaturate(v2, v6);
        var a3 = Avx2.PackSignedSaturate(v3, v7);
        var b01 = Avx2.UnpackLow(a0, a1).AsInt16();
        var b45 = Avx2.UnpackHigh(a0, a1).AsInt16();
        var b23 = Avx2.UnpackLow(a2, a3).AsInt16();
        var b67 = Avx2.UnpackHigh(a2, a3).AsInt16();
        var upperLeft = Avx2.UnpackLow(b01, b23).AsInt32();
        var lowerLeft = Avx2.UnpackHigh(b01, b23).AsInt32();
        var upperRight = Avx2.UnpackLow(b45, b67).AsInt32();
        var lowerRight = Avx2.UnpackHigh(b45, b67).AsInt32();
        StoreTwo(Avx2.UnpackLow(upperLeft, upperRight), samples, stride);
        StoreTwo(Avx2.UnpackHigh(upperLeft, upperRight), samples + (2 * stride), stride);
        StoreTwo(Avx2.UnpackLow(lowerLeft, lowerRight), samples + (4 * stride), stride);
        StoreTwo(Avx2.UnpackHigh(lowerLeft, lowerRight), samples + (6 * stride), stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreTwo(Vector256<int> rows, byte* samples, nint stride)
    {
        const byte nextToOneAnother = 0b11_01_10_00;
        var ordered = Avx2.Permute4x64(rows.AsInt64(), nextToOneAnother).AsByte() ^ Vector256.Create((byte)128);
        ordered.GetLower().Store(samples);
        ordered.GetUpper().Store(samples + stride);
    }
}

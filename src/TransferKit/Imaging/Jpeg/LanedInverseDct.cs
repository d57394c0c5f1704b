using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Computes the transform of several blocks at once, one in each lane of a vector. The sums of a pass are regrouped by inputs, so that one
/// instruction multiplies and adds pairs of them. The integers stay the same.
/// </summary>
/// <typeparam name="TLanes">Instructions of a kind of processor.</typeparam>
/// <typeparam name="TVector">The processor's vector.</typeparam>
internal static unsafe class LanedInverseDct<TLanes, TVector>
    where TLanes : IBlockLanes<TVector>
    where TVector : struct
{
    /// <summary>Transforms a row of adjacent blocks, whose number is a multiple of the number of lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Transform(short* blocks, int count, byte* samples, nint stride)
    {
        var largest = TLanes.Create(0);
        for (var i = 0; i < count; i += TLanes.Count, blocks += 64 * TLanes.Count, samples += 8 * TLanes.Count)
        {
            TVector v0 = TLanes.Load(blocks, 0), v1 = TLanes.Load(blocks, 1), v2 = TLanes.Load(blocks, 2), v3 = TLanes.Load(blocks, 3);
            TVector v4 = TLanes.Load(blocks, 4), v5 = TLanes.Load(blocks, 5), v6 = TLanes.Load(blocks, 6), v7 = TLanes.Load(blocks, 7);
            var upper = TLanes.Or(TLanes.Or(TLanes.WithoutFirst(v0), v1), TLanes.Or(v2, v3));
            if (TLanes.IsZero(TLanes.Or(upper, TLanes.Or(TLanes.Or(v4, v5), TLanes.Or(v6, v7)))))
            {
                // With only the DC coefficient, all samples of a block have the same value.
                for (var lane = 0; lane < TLanes.Count; lane += 2)
                {
                    Fill(samples + (8 * lane), stride, blocks[64 * lane], blocks[64 * (lane + 1)]);
                }
                continue;
            }
            Pass(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, InverseDct.FactorBits - InverseDct.FirstPassBits);
            Transpose(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
            Pass(
                ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7,
                InverseDct.FactorBits + InverseDct.FirstPassBits + InverseDct.BothPassesBits);
            largest = TLanes.Largest(TLanes.Largest(TLanes.Largest(TLanes.Largest(largest, v0), v1), v2), v3);
            largest = TLanes.Largest(TLanes.Largest(TLanes.Largest(TLanes.Largest(largest, v4), v5), v6), v7);
            Store(v0, v1, v2, v3, v4, v5, v6, v7, samples, stride);
        }
        return InverseDct.IsNear(TLanes.Largest(largest));
    }

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
        ref TVector v0, ref TVector v1, ref TVector v2, ref TVector v3, ref TVector v4, ref TVector v5, ref TVector v6, ref TVector v7,
        [ConstantExpected] byte shift)
    {
        Half(
            TLanes.Low16(v0, v4), TLanes.Low16(v2, v6), TLanes.Low16(v1, v3), TLanes.Low16(v5, v7), shift,
            out var low0, out var low1, out var low2, out var low3, out var low4, out var low5, out var low6, out var low7);
        Half(
            TLanes.High16(v0, v4), TLanes.High16(v2, v6), TLanes.High16(v1, v3), TLanes.High16(v5, v7), shift,
            out var high0, out var high1, out var high2, out var high3, out var high4, out var high5, out var high6, out var high7);
        v0 = TLanes.Narrow32(low0, high0);
        v1 = TLanes.Narrow32(low1, high1);
        v2 = TLanes.Narrow32(low2, high2);
        v3 = TLanes.Narrow32(low3, high3);
        v4 = TLanes.Narrow32(low4, high4);
        v5 = TLanes.Narrow32(low5, high5);
        v6 = TLanes.Narrow32(low6, high6);
        v7 = TLanes.Narrow32(low7, high7);
    }

    /// <summary>Transforms eight columns in one dimension; each input vector interleaves two of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Half(
        TVector v04, TVector v26, TVector v13, TVector v57, [ConstantExpected] byte shift, out TVector r0, out TVector r1, out TVector r2,
        out TVector r3, out TVector r4, out TVector r5, out TVector r6, out TVector r7)
    {
        const short one = 1 << InverseDct.FactorBits;
        var half = TLanes.Create(1 << (shift - 1));
        var sum = TLanes.Add(Sum(v04, one, one), half);
        var difference = TLanes.Add(Sum(v04, one, -one), half);
        var outer = Sum(v26, InverseDct.F0541 + InverseDct.F0765, InverseDct.F0541);
        var inner = Sum(v26, InverseDct.F0541, InverseDct.F0541 - InverseDct.F1847);

        var odd0 = TLanes.Add(
            Sum(v13, InverseDct.F1175 + InverseDct.F1501 - InverseDct.F0899 - InverseDct.F0390, InverseDct.F1175),
            Sum(v57, InverseDct.F1175 - InverseDct.F0390, InverseDct.F1175 - InverseDct.F0899));
        var odd1 = TLanes.Add(
            Sum(v13, InverseDct.F1175, InverseDct.F1175 + InverseDct.F3072 - InverseDct.F2562 - InverseDct.F1961),
            Sum(v57, InverseDct.F1175 - InverseDct.F2562, InverseDct.F1175 - InverseDct.F1961));
        var odd2 = TLanes.Add(
            Sum(v13, InverseDct.F1175 - InverseDct.F0390, InverseDct.F1175 - InverseDct.F2562),
            Sum(v57, InverseDct.F1175 + InverseDct.F2053 - InverseDct.F2562 - InverseDct.F0390, InverseDct.F1175));
        var odd3 = TLanes.Add(
            Sum(v13, InverseDct.F1175 - InverseDct.F0899, InverseDct.F1175 - InverseDct.F1961),
            Sum(v57, InverseDct.F1175, InverseDct.F1175 + InverseDct.F0298 - InverseDct.F0899 - InverseDct.F1961));

        Both(TLanes.Add(sum, outer), odd0, shift, out r0, out r7);
        Both(TLanes.Add(difference, inner), odd1, shift, out r1, out r6);
        Both(TLanes.Subtract(difference, inner), odd2, shift, out r2, out r5);
        Both(TLanes.Subtract(sum, outer), odd3, shift, out r3, out r4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Sum(TVector pairs, short first, short second) => TLanes.Products(pairs, (ushort)first | (second << 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Both(TVector even, TVector odd, [ConstantExpected] byte shift, out TVector sum, out TVector difference)
    {
        sum = TLanes.Shift(TLanes.Add(even, odd), shift);
        difference = TLanes.Shift(TLanes.Subtract(even, odd), shift);
    }

    /// <summary>Transposes each lane by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        ref TVector v0, ref TVector v1, ref TVector v2, ref TVector v3, ref TVector v4, ref TVector v5, ref TVector v6, ref TVector v7)
    {
        TVector a0 = TLanes.Low16(v0, v1), a1 = TLanes.High16(v0, v1), a2 = TLanes.Low16(v2, v3), a3 = TLanes.High16(v2, v3);
        TVector a4 = TLanes.Low16(v4, v5), a5 = TLanes.High16(v4, v5), a6 = TLanes.Low16(v6, v7), a7 = TLanes.High16(v6, v7);
        TVector b0 = TLanes.Low32(a0, a2), b1 = TLanes.High32(a0, a2), b2 = TLanes.Low32(a1, a3), b3 = TLanes.High32(a1, a3);
        TVector b4 = TLanes.Low32(a4, a6), b5 = TLanes.High32(a4, a6), b6 = TLanes.Low32(a5, a7), b7 = TLanes.High32(a5, a7);
        (v0, v1) = (TLanes.Low64(b0, b4), TLanes.High64(b0, b4));
        (v2, v3) = (TLanes.Low64(b1, b5), TLanes.High64(b1, b5));
        (v4, v5) = (TLanes.Low64(b2, b6), TLanes.High64(b2, b6));
        (v6, v7) = (TLanes.Low64(b3, b7), TLanes.High64(b3, b7));
    }

    /// <summary>Transposes the samples back and stores them as bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        TVector v0, TVector v1, TVector v2, TVector v3, TVector v4, TVector v5, TVector v6, TVector v7, byte* samples, nint stride)
    {
        TVector a0 = TLanes.Narrow16(v0, v4), a1 = TLanes.Narrow16(v1, v5), a2 = TLanes.Narrow16(v2, v6), a3 = TLanes.Narrow16(v3, v7);
        TVector b01 = TLanes.Low8(a0, a1), b45 = TLanes.High8(a0, a1), b23 = TLanes.Low8(a2, a3), b67 = TLanes.High8(a2, a3);
        TVector upperLeft = TLanes.Low16(b01, b23), lowerLeft = TLanes.High16(b01, b23);
        TVector upperRight = TLanes.Low16(b45, b67), lowerRight = TLanes.High16(b45, b67);
        TLanes.StoreTwoRows(TLanes.Low32(upperLeft, upperRight), samples, stride);
        TLanes.StoreTwoRows(TLanes.High32(upperLeft, upperRight), samples + (2 * stride), stride);
        TLanes.StoreTwoRows(TLanes.Low32(lowerLeft, lowerRight), samples + (4 * stride), stride);
        TLanes.StoreTwoRows(TLanes.High32(lowerLeft, lowerRight), samples + (6 * stride), stride);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Operators;

/// <summary>Computes with vectors of 512 bits: the sums of 8 rows and 32 filters take 16 of 32 registers.</summary>
internal readonly unsafe struct Vectors512 : IVectors<Vector512<float>>
{
    public static int Count => Vector512<float>.Count;

    public static int Rows => 8;

    public static int Filters => 32;

    /// <summary>
    /// Whether this processor has such vectors and they fill a block of that many channels, so that none leaves its block.
    /// </summary>
    public static bool Fill(int lanes) => Vector512.IsHardwareAccelerated && lanes % Count == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Create(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> left, Vector512<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> left, Vector512<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> left, Vector512<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> left, Vector512<float> right) => left / right;

    // The processor returns the second operand if either is not a number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> AtLeast(Vector512<float> bound, Vector512<float> value) => Vector512.MaxNative(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> AtMost(Vector512<float> bound, Vector512<float> value) => Vector512.MinNative(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sum(Vector512<float> factor, Vector512<float> value, Vector512<float> addend) =>
        Vector512.FusedMultiplyAdd(factor, value, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ShiftBits(Vector512<float> value, int count) => (value.AsInt32() << count).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Product(float* rows, nint stride, nint channels, float* kernel, float* products, bool isContinued)
    {
        var zero = Vector512<float>.Zero;
        Vector512<float> s00 = zero, s01 = zero;
        Vector512<float> s10 = zero, s11 = zero;
        Vector512<float> s20 = zero, s21 = zero;
        Vector512<float> s30 = zero, s31 = zero;
        Vector512<float> s40 = zero, s41 = zero;
        Vector512<float> s50 = zero, s51 = zero;
        Vector512<float> s60 = zero, s61 = zero;
        Vector512<float> s70 = zero, s71 = zero;
        if (isContinued)
        {
            (s00, s01) = Load(products);
            (s10, s11) = Load(products + WinogradConvolution.Panel);
            (s20, s21) = Load(products + 2 * WinogradConvolution.Panel);
            (s30, s31) = Load(products + 3 * WinogradConvolution.Panel);
            (s40, s41) = Load(products + 4 * WinogradConvolution.Panel);
            (s50, s51) = Load(products + 5 * WinogradConvolution.Panel);
            (s60, s61) = Load(products + 6 * WinogradConvolution.Panel);
            (s70, s71) = Load(products + 7 * WinogradConvolution.Panel);
        }
        float* third = rows + 3 * stride, sixth = third + 3 * stride;
        for (var channel = 0; channel < channels; channel++, rows++, third++, sixth++, kernel += WinogradConvolution.Panel)
        {
            // The next place's kernel is prefetched, because the first rows would otherwise wait for it.
            Sse.Prefetch0(kernel + WinogradConvolution.Panel * channels);
            Sse.Prefetch0(kernel + WinogradConvolution.Panel * channels + 16);
            Vector512<float> k0 = Vector512.Load(kernel), k1 = Vector512.Load(kernel + 16);
            var r0 = Vector512.Create(rows[0]);
            s00 = Vector512.FusedMultiplyAdd(r0, k0, s00);
            s01 = Vector512.FusedMultiplyAdd(r0, k1, s01);
            var r1 = Vector512.Create(rows[stride]);
            s10 = Vector512.FusedMultiplyAdd(r1, k0, s10);
            s11 = Vector512.FusedMultiplyAdd(r1, k1, s11);
            var r2 = Vector512.Create(rows[2 * stride]);
            s20 = Vector512.FusedMultiplyAdd(r2, k0, s20);
            s21 = Vector512.FusedMultiplyAdd(r2, k1, s21);
            var r3 = Vector512.Create(third[0]);
            s30 = Vector512.FusedMultiplyAdd(r3, k0, s30);
            s31 = Vector512.FusedMultiplyAdd(r3, k1, s31);
            var r4 = Vector512.Create(third[stride]);
            s40 = Vector512.FusedMultiplyAdd(r4, k0, s40);
            s41 = Vector512.FusedMultiplyAdd(r4, k1, s41);
            var r5 = Vector512.Create(third[2 * stride]);
            s50 = Vector512.FusedMultiplyAdd(r5, k0, s50);
            s51 = Vector512.FusedMultiplyAdd(r5, k1, s51);
            var r6 = Vector512.Create(sixth[0]);
            s60 = Vector512.FusedMultiplyAdd(r6, k0, s60);
            s61 = Vector512.FusedMultiplyAdd(r6, k1, s61);
            var r7 = Vector512.Create(sixth[stride]);
            s70 = Vector512.FusedMultiplyAdd(r7, k0, s70);
            s71 = Vector512.FusedMultiplyAdd(r7, k1, s71);
        }
        Store(products, s00, s01);
        Store(products + WinogradConvolution.Panel, s10, s11);
        Store(products + 2 * WinogradConvolution.Panel, s20, s21);
        Store(products + 3 * WinogradConvolution.Panel, s30, s31);
        Store(products + 4 * WinogradConvolution.Panel, s40, s41);
        Store(products + 5 * WinogradConvolution.Panel, s50, s51);
        Store(products + 6 * WinogradConvolution.Panel, s60, s61);
        Store(products + 7 * WinogradConvolution.Panel, s70, s71);
    }

    private static (Vector512<float>, Vector512<float>) Load(float* products) => (Vector512.Load(products), Vector512.Load(products + 16));

    private static void Store(float* products, Vector512<float> s0, Vector512<float> s1)
    {
        s0.Store(products);
        s1.Store(products + 16);
    }
}

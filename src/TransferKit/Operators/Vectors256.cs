using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Operators;

/// <summary>Computes with vectors of 256 bits: the sums of 6 rows and 16 filters take 12 of 16 registers.</summary>
internal readonly unsafe struct Vectors256 : IVectors<Vector256<float>>
{
    public static int Count => Vector256<float>.Count;

    public static int Rows => 6;

    public static int Filters => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Create(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> left, Vector256<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> left, Vector256<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> left, Vector256<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> left, Vector256<float> right) => left / right;

    // The processor returns the second operand if either is not a number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> AtLeast(Vector256<float> bound, Vector256<float> value) => Vector256.MaxNative(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> AtMost(Vector256<float> bound, Vector256<float> value) => Vector256.MinNative(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sum(Vector256<float> factor, Vector256<float> value, Vector256<float> addend) =>
        Vector256.FusedMultiplyAdd(factor, value, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ShiftBits(Vector256<float> value, int count) => (value.AsInt32() << count).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Product(float* rows, nint stride, nint channels, float* kernel, float* products, bool isContinued)
    {
        var zero = Vector256<float>.Zero;
        Vector256<float> s00 = zero, s01 = zero;
        Vector256<float> s10 = zero, s11 = zero;
        Vector256<float> s20 = zero, s21 = zero;
        Vector256<float> s30 = zero, s31 = zero;
        Vector256<float> s40 = zero, s41 = zero;
        Vector256<float> s50 = zero, s51 = zero;
        if (isContinued)
        {
            (s00, s01) = Load(products);
            (s10, s11) = Load(products + WinogradConvolution.Panel);
            (s20, s21) = Load(products + 2 * WinogradConvolution.Panel);
            (s30, s31) = Load(products + 3 * WinogradConvolution.Panel);
            (s40, s41) = Load(products + 4 * WinogradConvolution.Panel);
            (s50, s51) = Load(products + 5 * WinogradConvolution.Panel);
        }
        var third = rows + 3 * stride;
        for (var channel = 0; channel < channels; channel++, rows++, third++, kernel += WinogradConvolution.Panel)
        {
            // The next place's kernel is prefetched, because the first rows would otherwise wait for it.
            Sse.Prefetch0(kernel + WinogradConvolution.Panel * channels);
            Vector256<float> k0 = Vector256.Load(kernel), k1 = Vector256.Load(kernel + 8);
            var r0 = Vector256.Create(rows[0]);
            s00 = Vector256.FusedMultiplyAdd(r0, k0, s00);
            s01 = Vector256.FusedMultiplyAdd(r0, k1, s01);
            var r1 = Vector256.Create(rows[stride]);
            s10 = Vector256.FusedMultiplyAdd(r1, k0, s10);
            s11 = Vector256.FusedMultiplyAdd(r1, k1, s11);
            var r2 = Vector256.Create(rows[2 * stride]);
            s20 = Vector256.FusedMultiplyAdd(r2, k0, s20);
            s21 = Vector256.FusedMultiplyAdd(r2, k1, s21);
            var r3 = Vector256.Create(third[0]);
            s30 = Vector256.FusedMultiplyAdd(r3, k0, s30);
            s31 = Vector256.FusedMultiplyAdd(r3, k1, s31);
            var r4 = Vector256.Create(third[stride]);
            s40 = Vector256.FusedMultiplyAdd(r4, k0, s40);
            s41 = Vector256.FusedMultiplyAdd(r4, k1, s41);
            var r5 = Vector256.Create(third[2 * stride]);
            s50 = Vector256.FusedMultiplyAdd(r5, k0, s50);
            s51 = Vector256.FusedMultiplyAdd(r5, k1, s51);
        }
        Store(products, s00, s01);
        Store(products + WinogradConvolution.Panel, s10, s11);
        Store(products + 2 * WinogradConvolution.Panel, s20, s21);
        Store(products + 3 * WinogradConvolution.Panel, s30, s31);
        Store(products + 4 * WinogradConvolution.Panel, s40, s41);
        Store(products + 5 * WinogradConvolution.Panel, s50, s51);
    }

    private static (Vector256<float>, Vector256<float>) Load(float* products) => (Vector256.Load(products), Vector256.Load(products + 8));

    private static void Store(float* products, Vector256<float> s0, Vector256<float> s1)
    {
        s0.Store(products);
        s1.Store(products + 8);
    }
}

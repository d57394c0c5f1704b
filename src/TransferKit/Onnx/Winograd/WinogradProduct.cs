using System.Runtime.Intrinsics;

namespace TransferKit.Onnx.Winograd;

/// <summary>
/// The inner product: 6 rows by channels, times channels by 64 filters. Its 24 sums, four vectors of the kernel and one
/// number of a row are what 32 registers hold, so nothing but those is read, and nothing is written before the end.
/// </summary>
internal static unsafe class WinogradProduct
{
    /// <param name="rows">Six rows, <paramref name="rowStride"/> apart.</param>
    /// <param name="rowStride">Numbers from a row to the next.</param>
    /// <param name="kernel">For each channel 64 numbers.</param>
    /// <param name="channels">How many channels.</param>
    /// <param name="products">Six rows of 64, <paramref name="productStride"/> apart.</param>
    /// <param name="productStride">Numbers from a row of products to the next.</param>
    public static void Run(float* rows, nint rowStride, float* kernel, int channels, float* products, nint productStride)
    {
        var zero = Vector512<float>.Zero;
        Vector512<float> s00 = zero, s01 = zero, s02 = zero, s03 = zero;
        Vector512<float> s10 = zero, s11 = zero, s12 = zero, s13 = zero;
        Vector512<float> s20 = zero, s21 = zero, s22 = zero, s23 = zero;
        Vector512<float> s30 = zero, s31 = zero, s32 = zero, s33 = zero;
        Vector512<float> s40 = zero, s41 = zero, s42 = zero, s43 = zero;
        Vector512<float> s50 = zero, s51 = zero, s52 = zero, s53 = zero;
        var below = rows + 3 * rowStride;
        for (var channel = 0; channel < channels; channel++, rows++, below++, kernel += 64)
        {
            Vector512<float> k0 = Vector512.Load(kernel), k1 = Vector512.Load(kernel + 16), k2 = Vector512.Load(kernel + 32), k3 = Vector512.Load(kernel + 48);
            var r0 = Vector512.Create(rows[0]);
            s00 = Vector512.FusedMultiplyAdd(r0, k0, s00);
            s01 = Vector512.FusedMultiplyAdd(r0, k1, s01);
            s02 = Vector512.FusedMultiplyAdd(r0, k2, s02);
            s03 = Vector512.FusedMultiplyAdd(r0, k3, s03);
            var r1 = Vector512.Create(rows[rowStride]);
            s10 = Vector512.FusedMultiplyAdd(r1, k0, s10);
            s11 = Vector512.FusedMultiplyAdd(r1, k1, s11);
            s12 = Vector512.FusedMultiplyAdd(r1, k2, s12);
            s13 = Vector512.FusedMultiplyAdd(r1, k3, s13);
            var r2 = Vector512.Create(rows[2 * rowStride]);
            s20 = Vector512.FusedMultiplyAdd(r2, k0, s20);
            s21 = Vector512.FusedMultiplyAdd(r2, k1, s21);
            s22 = Vector512.FusedMultiplyAdd(r2, k2, s22);
            s23 = Vector512.FusedMultiplyAdd(r2, k3, s23);
            var r3 = Vector512.Create(below[0]);
            s30 = Vector512.FusedMultiplyAdd(r3, k0, s30);
            s31 = Vector512.FusedMultiplyAdd(r3, k1, s31);
            s32 = Vector512.FusedMultiplyAdd(r3, k2, s32);
            s33 = Vector512.FusedMultiplyAdd(r3, k3, s33);
            var r4 = Vector512.Create(below[rowStride]);
            s40 = Vector512.FusedMultiplyAdd(r4, k0, s40);
            s41 = Vector512.FusedMultiplyAdd(r4, k1, s41);
            s42 = Vector512.FusedMultiplyAdd(r4, k2, s42);
            s43 = Vector512.FusedMultiplyAdd(r4, k3, s43);
            var r5 = Vector512.Create(below[2 * rowStride]);
            s50 = Vector512.FusedMultiplyAdd(r5, k0, s50);
            s51 = Vector512.FusedMultiplyAdd(r5, k1, s51);
            s52 = Vector512.FusedMultiplyAdd(r5, k2, s52);
            s53 = Vector512.FusedMultiplyAdd(r5, k3, s53);
        }
        Store(products, s00, s01, s02, s03);
        Store(products + productStride, s10, s11, s12, s13);
        Store(products + 2 * productStride, s20, s21, s22, s23);
        Store(products + 3 * productStride, s30, s31, s32, s33);
        Store(products + 4 * productStride, s40, s41, s42, s43);
        Store(products + 5 * productStride, s50, s51, s52, s53);
    }

    private static void Store(float* products, Vector512<float> s0, Vector512<float> s1, Vector512<float> s2, Vector512<float> s3)
    {
        s0.Store(products);
        s1.Store(products + 16);
        s2.Store(products + 32);
        s3.Store(products + 48);
    }
}

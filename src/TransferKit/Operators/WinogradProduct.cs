using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Operators;

/// <summary>The matrix product of the last rows of a block, which are often few.</summary>
internal static unsafe class WinogradProduct
{
    /// <summary>The fewest rows whose sums keep the processor busy.</summary>
    public const int FewRows = 4;

    /// <summary>Computes what <see cref="IVectors{TVector}.Product"/> does, of <see cref="FewRows"/> rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OfFewRows<T, TVector>(
        float* rows, nint stride, nint channels, float* kernel, float* products, bool isContinued)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        TVector s00 = default, s01 = default;
        TVector s10 = default, s11 = default;
        TVector s20 = default, s21 = default;
        TVector s30 = default, s31 = default;
        TVector* p0 = (TVector*)products, p1 = (TVector*)(products + WinogradConvolution.Panel);
        TVector* p2 = (TVector*)(products + 2 * WinogradConvolution.Panel), p3 = (TVector*)(products + 3 * WinogradConvolution.Panel);
        if (isContinued)
        {
            (s00, s01) = (p0[0], p0[1]);
            (s10, s11) = (p1[0], p1[1]);
            (s20, s21) = (p2[0], p2[1]);
            (s30, s31) = (p3[0], p3[1]);
        }
        var last = rows + 3 * stride;
        for (var channel = 0; channel < channels; channel++, rows++, last++, kernel += WinogradConvolution.Panel)
        {
            // The next place's kernel is prefetched, because the first rows would otherwise wait for it.
            Sse.Prefetch0(kernel + WinogradConvolution.Panel * channels);
            if (T.Filters > CacheLine.Floats)
                Sse.Prefetch0(kernel + WinogradConvolution.Panel * channels + CacheLine.Floats);
            TVector k0 = ((TVector*)kernel)[0], k1 = ((TVector*)kernel)[1];
            var r0 = T.Create(rows[0]);
            s00 = T.Sum(r0, k0, s00);
            s01 = T.Sum(r0, k1, s01);
            var r1 = T.Create(rows[stride]);
            s10 = T.Sum(r1, k0, s10);
            s11 = T.Sum(r1, k1, s11);
            var r2 = T.Create(rows[2 * stride]);
            s20 = T.Sum(r2, k0, s20);
            s21 = T.Sum(r2, k1, s21);
            var r3 = T.Create(last[0]);
            s30 = T.Sum(r3, k0, s30);
            s31 = T.Sum(r3, k1, s31);
        }
        (p0[0], p0[1]) = (s00, s01);
        (p1[0], p1[1]) = (s10, s11);
        (p2[0], p2[1]) = (s20, s21);
        (p3[0], p3[1]) = (s30, s31);
    }
}

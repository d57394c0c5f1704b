using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Converts luminance and two chroma components with AVX-512 and the arithmetic of <see cref="Avx2Ycc"/>.</summary>
internal static unsafe class Avx512YccRow
{
    /// <summary>The number of pixels of a step, which is also the smallest width.</summary>
    public const int Step = 32;

    /// <summary>Gets whether the processor runs such vectors at full speed.</summary>
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512Vbmi.IsSupported;

    /// <summary>
    /// Gets the position of each byte of the pixels. Each eight red and green values follow one another, and blue values start at 64.
    /// </summary>
    private static ReadOnlySpan<byte> Order =>
    [
        0, 8, 64, 1, 9, 65, 2, 10, 66, 3, 11, 67, 4, 12, 68, 5, 13, 69, 6, 14, 70, 7, 15, 71,
        16, 24, 80, 17, 25, 81, 18, 26, 82, 19, 27, 83, 20, 28, 84, 21, 29, 85, 22, 30, 86, 23, 31, 87,
        32, 40, 96, 33, 41, 97, 34, 42, 98, 35, 43, 99, 36, 44, 100, 37, 45, 101, 38, 46, 102, 39, 47, 103,
        48, 56, 112, 49, 57, 113, 50, 58, 114, 51, 59, 115, 52, 60, 116, 53, 61, 117, 54, 62, 118, 55, 63, 119,
    ];

    /// <param name="first">Luminance of at least <see cref="Step"/> pixels.</param>
    /// <param name="second">Blue chroma of the pixels.</param>
    /// <param name="third">Red chroma of the pixels.</param>
    /// <param name="rgb">Target of the pixels, beyond which nothing is written.</param>
    /// <param name="width">Number of pixels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(byte* first, byte* second, byte* third, byte* rgb, int width)
    {
        var (front, back) = (Vector512.Create(Order), Vector256.Create(Order[64..]).ToVector512());
        var middle = Vector512.Create((short)128);
        var green = Vector512.Create((YccFactors.GreenOfCb & 0xFFFF) | ((YccFactors.GreenOfCr + Avx2Ycc.One) << 16)).AsInt16();
        for (nint x = 0; ; x += Step)
        {
            // The last step overlaps the one before, so that it stays within the row.
            x = Math.Min(x, width - Step);
            var y = Avx512BW.ConvertToVector512Int16(Vector256.Load(first + x));
            var cb = Avx512BW.ConvertToVector512Int16(Vector256.Load(second + x)) - middle;
            var cr = Avx512BW.ConvertToVector512Int16(Vector256.Load(third + x)) - middle;
            var (twiceCb, twiceCr) = (cb + cb, cr + cr);
            var reds = y + cr + Part(twiceCr, YccFactors.RedOfCr - Avx2Ycc.One);
            var blues = y + twiceCb + Part(twiceCb, YccFactors.BlueOfCb - (2 * Avx2Ycc.One));
            var greens = y - cr + Avx512BW.PackSignedSaturate(
                Rounded(Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackLow(cb, cr), green)),
                Rounded(Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackHigh(cb, cr), green)));
            var redsAndGreens = Avx512BW.PackUnsignedSaturate(reds, greens);
            var bluesTwice = Avx512BW.PackUnsignedSaturate(blues, blues);
            Avx512Vbmi.PermuteVar64x8x2(redsAndGreens, front, bluesTwice).Store(rgb + (x * 3));
            Avx512Vbmi.PermuteVar64x8x2(redsAndGreens, back, bluesTwice).GetLower().Store(rgb + (x * 3) + 64);
            if (x == width - Step)
            {
                return;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Part(Vector512<short> twice, short factor) =>
        (Avx512BW.MultiplyHigh(twice, Vector512.Create(factor)) + Vector512<short>.One) >> 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Rounded(Vector512<int> sum) => (sum + Vector512.Create(YccFactors.Half)) >> YccFactors.Bits;
}

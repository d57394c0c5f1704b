using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Transforms coefficients to samples with the integers of libjpeg's slow and exact transform, that of Loeffler, Ligtenberg and Moschytz.
/// Columns come first, with two bits more than samples have, then rows.
/// </summary>
/// <remarks>
/// Coefficients within <see cref="TakesDc"/> and <see cref="TakesAc"/> keep every intermediate within 16 bits: the first pass gives at most
/// 4 x 1300 + 25.9 x 1024. Valid pictures have no samples further than 511 from the middle; libjpeg's builds differ for such samples.
/// </remarks>
internal static unsafe class InverseDct
{
    /// <summary>The offset of coefficients that lets <see cref="TakesAc"/> check many at once.</summary>
    public const int AcBound = 1024;

    // These are the transform's factors multiplied by 2^13.
    public const short F0298 = 2446;
    public const short F0390 = 3196;
    public const short F0541 = 4433;
    public const short F0765 = 6270;
    public const short F0899 = 7373;
    public const short F1175 = 9633;
    public const short F1501 = 12299;
    public const short F1847 = 15137;
    public const short F1961 = 16069;
    public const short F2053 = 16819;
    public const short F2562 = 20995;
    public const short F3072 = 25172;
    public const int FactorBits = 13;

    /// <summary>The extra bits of the results of the first pass, and of both passes together.</summary>
    public const int FirstPassBits = 2;
    public const int BothPassesBits = 3;

    private const int DcBound = 1300;
    private const int SampleBound = 511;

    public static bool TakesDc(int coefficient) => (uint)(coefficient + DcBound) <= 2 * DcBound;

    /// <param name="coefficients">All coefficients plus <see cref="AcBound"/>, combined by a bitwise or.</param>
    public static bool TakesAc(int coefficients) => (coefficients & ~((2 * AcBound) - 1)) == 0;

    /// <summary>Returns the least product of a coefficient and its quantiser within the bounds.</summary>
    /// <param name="index">Index of the coefficient; the DC coefficient is the first.</param>
    public static int Least(int index) => index == 0 ? -DcBound : -AcBound;

    /// <summary>Returns the largest product within the bounds.</summary>
    /// <param name="index">Index of the coefficient.</param>
    public static int Most(int index) => index == 0 ? DcBound : AcBound - 1;

    /// <summary>
    /// Returns whether the largest sample, before 128 is added, is within the range that clipping handles as libjpeg does.
    /// </summary>
    public static bool IsNear(int largest) => largest <= SampleBound;

    /// <summary>Transforms a row of adjacent blocks.</summary>
    /// <param name="blocks">Coefficients of the blocks.</param>
    /// <param name="count">Number of blocks, which is even.</param>
    /// <param name="samples">Target of the first sample of the first block.</param>
    /// <param name="stride">Distance between rows of samples.</param>
    /// <returns>False if a sample is outside the range of valid pictures.</returns>
    public static bool Transform(short* blocks, int count, byte* samples, nint stride)
    {
        if (!Avx2.IsSupported)
        {
            return PortableInverseDct.Transform(blocks, count, samples, stride);
        }
        var wide = Avx512Lanes.IsSupported ? count & -Avx512Lanes.Count : 0;
        return (wide == 0 || LanedInverseDct<Avx512Lanes, Vector512<short>>.Transform(blocks, wide, samples, stride))
            && LanedInverseDct<Avx2Lanes, Vector256<short>>.Transform(
                blocks + ((long)Coefficients.Count * wide), count - wide, samples + (8 * wide), stride);
    }
}

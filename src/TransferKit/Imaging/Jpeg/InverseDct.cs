using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// From coefficients to samples with the integers of libjpeg's slow and exact transform, that of Loeffler, Ligtenberg and Moschytz:
/// columns first, to two bits more than samples have, then rows.
/// </summary>
/// <remarks>
/// Coefficients within <see cref="TakesDc"/> and <see cref="TakesAc"/> leave no intermediate beyond 16 bits: the first pass makes of them at most
/// 4 x 1300 + 25.9 x 1024. Samples further than 511 from the middle are no pictures' either; libjpeg's builds differ in them.
/// </remarks>
internal static unsafe class InverseDct
{
    /// <summary>What is added to coefficients to look at many in one: see <see cref="TakesAc"/>.</summary>
    public const int AcBound = 1024;

    // The transform's factors by 2^13.
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

    /// <summary>By how much the first pass leaves its results too large, in bits, and both passes together.</summary>
    public const int FirstPassBits = 2;
    public const int BothPassesBits = 3;

    private const int DcBound = 1300;
    private const int SampleBound = 511;

    public static bool TakesDc(int coefficient) => (uint)(coefficient + DcBound) <= 2 * DcBound;

    /// <param name="coefficients">All of them, <see cref="AcBound"/> added to each, or-ed together.</param>
    public static bool TakesAc(int coefficients) => (coefficients & ~((2 * AcBound) - 1)) == 0;

    /// <summary>Whether a sample, before 128 is added, is so near to the range that clipping is all it takes.</summary>
    public static bool IsNear(int largest) => largest <= SampleBound;

    /// <summary>Transforms blocks that lie side by side.</summary>
    /// <param name="blocks">Their coefficients.</param>
    /// <param name="count">How many; even.</param>
    /// <param name="samples">The first sample of the first block.</param>
    /// <param name="stride">From one row of samples to the next.</param>
    /// <returns>False when samples come out that no picture has.</returns>
    public static bool Transform(short* blocks, int count, byte* samples, nint stride) => Avx2.IsSupported
        ? Avx2InverseDct.Transform(blocks, count, samples, stride)
        : PortableInverseDct.Transform(blocks, count, samples, stride);
}

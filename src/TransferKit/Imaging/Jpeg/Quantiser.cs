using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Represents a component's quantisation table in pooled memory, and the bits of its coefficients that were read so far.</summary>
internal unsafe struct Quantiser
{
    /// <summary>The factor of each coefficient in zigzag order and, from bit 16 on, its position in the block.</summary>
    public fixed uint Steps[64];

    // This is the number of low bits that are missing of each coefficient, in zigzag order.
    private fixed byte _bitsToCome[64];

    private const byte AllBits = 255;

    private static ReadOnlySpan<byte> Zigzag =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <param name="definition">Factors of one or two bytes each.</param>
    /// <returns>False for a missing table, and for one with a zero.</returns>
    public bool Build(ReadOnlySpan<byte> definition)
    {
        if (definition.IsEmpty)
        {
            return false;
        }
        for (var i = 0; i < 64; i++)
        {
            int factor = definition.Length == 64 ? definition[i] : BinaryPrimitives.ReadUInt16BigEndian(definition[(2 * i)..]);
            if (factor == 0)
            {
                return false;
            }
            Steps[i] = (uint)(factor | (Zigzag[i] << 16));
            _bitsToCome[i] = AllBits;
        }
        return true;
    }

    /// <summary>Multiplies coefficients by their factors and moves them from zigzag order to their positions in the block.</summary>
    /// <returns>False if a coefficient is outside the range of valid pictures.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Apply(short* blocks, int count)
    {
        var came = stackalloc short[Coefficients.Count];
        var (areDcsTaken, largest) = (true, 0);
        for (var end = blocks + (Coefficients.Count * count); blocks < end; blocks += Coefficients.Count)
        {
            new ReadOnlySpan<short>(blocks, Coefficients.Count).CopyTo(new(came, Coefficients.Count));
            new Span<short>(blocks, Coefficients.Count).Clear();
            var dc = came[0] * (ushort)Steps[0];
            blocks[0] = (short)dc;
            areDcsTaken &= InverseDct.TakesDc(dc);
            for (var left = Coefficients.NonZero(came) & ~1UL; left != 0; left &= left - 1)
            {
                var at = BitOperations.TrailingZeroCount(left);
                var coefficient = came[at] * (ushort)Steps[at];
                blocks[Steps[at] >> 16] = (short)coefficient;
                largest |= coefficient + InverseDct.AcBound;
            }
        }
        return areDcsTaken && InverseDct.TakesAc(largest);
    }

    /// <summary>Records the coefficients and bits of a scan.</summary>
    /// <returns>False if the scan does not continue the earlier scans.</returns>
    public bool Expects(in JpegScanHeader scan)
    {
        var continues = scan.First == 0 || _bitsToCome[0] != AllBits;
        for (var i = scan.First; i <= scan.Last; i++)
        {
            continues &= _bitsToCome[i] == (scan.HighBit == 0 ? AllBits : scan.HighBit);
            _bitsToCome[i] = (byte)scan.LowBit;
        }
        return continues;
    }

    /// <summary>Returns whether all bits of all coefficients were read. libjpeg smooths the picture if some are missing.</summary>
    public bool IsComplete()
    {
        fixed (byte* bits = _bitsToCome)
        {
            return new ReadOnlySpan<byte>(bits, 64).IndexOfAnyExcept((byte)0) < 0;
        }
    }
}

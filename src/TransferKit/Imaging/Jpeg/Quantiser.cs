using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace TransferKit.Imaging.Jpeg;

/// <summary>A component's quantisation table, in memory that is lent, and how far its coefficients have come.</summary>
internal unsafe struct Quantiser
{
    /// <summary>For each coefficient in the order of scans: its factor, and above that, from bit 16 on, its place in the block.</summary>
    public fixed uint Steps[64];

    // In the order of blocks: factors, and how large a coefficient may be.
    private fixed short _factors[64];
    private fixed short _limits[64];

    // In the order of scans: how many low bits of the coefficients are still to come.
    private fixed byte _bitsToCome[64];

    private const byte AllBits = 255;

    private static ReadOnlySpan<byte> Zigzag =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <param name="definition">Factors of a byte or two each.</param>
    /// <returns>False for a table that is not there or has a zero.</returns>
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
            var place = Zigzag[i];
            Steps[i] = (uint)(factor | (place << 16));
            _factors[place] = (short)factor;
            _limits[place] = (short)((i == 0 ? InverseDct.DcBound : InverseDct.AcBound - 1) / factor);
            _bitsToCome[i] = AllBits;
        }
        return true;
    }

    /// <summary>Multiplies coefficients by their factors.</summary>
    /// <returns>False for coefficients that no picture has.</returns>
    public bool Apply(short* blocks, int count)
    {
        fixed (short* factors = _factors, limits = _limits)
        {
            var excess = Vector128<short>.Zero;
            for (var end = blocks + (64 * count); blocks < end; blocks += 64)
            {
                for (var i = 0; i < 64; i += Vector128<short>.Count)
                {
                    var coefficients = Vector128.Load(blocks + i);
                    var most = Vector128.Load(limits + i);
                    excess |= Vector128.GreaterThan(coefficients, most) | Vector128.LessThan(coefficients, -most);
                    (coefficients * Vector128.Load(factors + i)).Store(blocks + i);
                }
            }
            return excess == Vector128<short>.Zero;
        }
    }

    /// <summary>Notes what a scan brings.</summary>
    /// <returns>False when it is not what was to come.</returns>
    public bool Expects(in JpegScanHeader scan)
    {
        if (scan.First > 0 && _bitsToCome[0] == AllBits)
        {
            return false;
        }
        for (var i = scan.First; i <= scan.Last; i++)
        {
            if (_bitsToCome[i] != (scan.HighBit == 0 ? AllBits : scan.HighBit))
            {
                return false;
            }
            _bitsToCome[i] = (byte)scan.LowBit;
        }
        return true;
    }

    /// <summary>Whether all bits of all coefficients have come. Where some are missing, libjpeg smooths what it has.</summary>
    public bool IsComplete()
    {
        fixed (byte* bits = _bitsToCome)
        {
            return new ReadOnlySpan<byte>(bits, 64).IndexOfAnyExcept((byte)0) < 0;
        }
    }
}

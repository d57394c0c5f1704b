using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Represents a component's quantisation table in pooled memory, and the bits of its coefficients that were read so far.</summary>
internal unsafe struct Quantiser
{
    /// <summary>The factor of each coefficient in zigzag order and, from bit 16 on, its position in the block.</summary>
    public fixed uint Steps[64];

    // Here the factors are in the order of a block, row by row, with the least and the most that each coefficient of a valid picture is.
    private fixed short _factors[64];
    private fixed short _least[64];
    private fixed short _most[64];

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
            _factors[Zigzag[i]] = (short)factor;
            _least[Zigzag[i]] = (short)(InverseDct.Least(i) / factor);
            _most[Zigzag[i]] = (short)(InverseDct.Most(i) / factor);
            _bitsToCome[i] = AllBits;
        }
        return true;
    }

    /// <summary>Multiplies coefficients by their factors.</summary>
    /// <param name="blocks">Coefficients, row by row.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="products">Target of the products, which may be the blocks themselves.</param>
    /// <returns>False if a coefficient is outside the range of valid pictures.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Apply(short* blocks, int count, short* products)
    {
        var outside = Vector256<short>.Zero;
        fixed (short* factors = _factors, least = _least, most = _most)
        {
            for (var end = blocks + ((long)Coefficients.Count * count); blocks < end;)
            {
                for (var i = 0; i < Coefficients.Count; i += Vector256<short>.Count)
                {
                    var coefficients = Vector256.Load(blocks + i);
                    outside |= Vector256.GreaterThan(coefficients, Vector256.Load(most + i))
                        | Vector256.GreaterThan(Vector256.Load(least + i), coefficients);
                    (coefficients * Vector256.Load(factors + i)).Store(products + i);
                }
                blocks += Coefficients.Count;
                products += Coefficients.Count;
            }
        }
        return outside == Vector256<short>.Zero;
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

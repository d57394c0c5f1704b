using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Represents a Huffman table in pooled memory. Codes of up to ten bits are looked up, longer ones searched by length. A lookup result
/// packs four bytes. The lower two count the bits of code and number together, and of the code alone. The upper two hold the step to the
/// next coefficient, and 63 minus the bits of the number.
/// </summary>
internal unsafe struct HuffmanTable
{
    /// <summary>The step that ends a block; it exceeds the coefficients of any block.</summary>
    public const int EndOfBlock = 64;

    /// <summary>The number of bits of the codes that are looked up.</summary>
    public const int LookupBits = 10;

    /// <summary>The result for invalid codes, and for symbols that no picture of eight bits has.</summary>
    public const uint Wrong = 0xFF << 16;

    // Samples of eight bits give DC differences of at most 11 bits and other coefficients of at most 10.
    private const int LargestDc = 11;
    private const int LargestAc = 10;

    private fixed uint _short[1 << LookupBits];
    private fixed uint _ends[17];
    private fixed int _offsets[17];
    private fixed uint _symbols[256];

    /// <summary>Looks up the next bits, the highest first. An invalid code gives a step beyond any block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Find(ulong bits)
    {
        var found = _short[bits >> (64 - LookupBits)];
        return found != 0 ? found : FindLong((uint)(bits >> 48));
    }

    /// <summary>Looks up a valid code that takes, with its number, at most some bits.</summary>
    /// <param name="bits">The next bits, the highest first.</param>
    /// <param name="most">The number of bits that are known, up to <see cref="LookupBits"/>.</param>
    /// <param name="found">The result of the lookup.</param>
    public bool TryFindWithin(ulong bits, int most, out uint found)
    {
        found = _short[bits >> (64 - LookupBits)];
        return found is not (0 or Wrong) && (byte)found <= most;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint FindLong(uint code)
    {
        for (var length = LookupBits + 1; length <= 16; length++)
        {
            if (code < _ends[length])
            {
                // The comparison shows that the code has this length.
                return _symbols[(byte)(_offsets[length] + (int)(code >> (16 - length)))];
            }
        }
        return Wrong;
    }

    /// <param name="definition">Numbers of codes by length, and symbols; empty for a missing table.</param>
    /// <param name="kind">Kind of the symbols.</param>
    /// <returns>False for a missing table, and for one that libjpeg refuses.</returns>
    public bool Build(ReadOnlySpan<byte> definition, HuffmanKind kind)
    {
        if (definition.IsEmpty)
        {
            return false;
        }
        fixed (uint* lookup = _short)
        {
            new Span<uint>(lookup, 1 << LookupBits).Clear();
        }
        var symbols = definition[16..];
        var (code, index) = (0, 0);
        for (var length = 1; length <= 16; length++, code <<= 1)
        {
            var count = definition[length - 1];
            // The code of ones alone is reserved in every length.
            if (code + count >= 1 << length)
            {
                return false;
            }
            _offsets[length] = index - code;
            for (var end = index + count; index < end; index++, code++)
            {
                if (kind == HuffmanKind.Dc && symbols[index] > 15)
                {
                    return false;
                }
                var meaning = Meaning(symbols[index], length, kind);
                _symbols[index] = meaning;
                if (length <= LookupBits)
                {
                    fixed (uint* lookup = _short)
                    {
                        new Span<uint>(lookup, 1 << LookupBits)
                            .Slice(code << (LookupBits - length), 1 << (LookupBits - length)).Fill(meaning);
                    }
                }
            }
            _ends[length] = (uint)code << (16 - length);
        }
        return true;
    }

    private static uint Meaning(byte symbol, int length, HuffmanKind kind)
    {
        var (run, size) = (symbol >> 4, symbol & 15);
        var step = kind switch
        {
            HuffmanKind.Dc => symbol <= LargestDc ? 0 : -1,
            HuffmanKind.ProgressiveAc => run,
            _ => symbol == 0 ? EndOfBlock : size > LargestAc || (size == 0 && run != 15) ? -1 : run + 1,
        };
        return step < 0 ? Wrong : (uint)((length + size) | (length << 8) | (step << 16) | ((63 - size) << 24));
    }
}

/// <summary>Specifies the meaning of a table's symbols.</summary>
internal enum HuffmanKind
{
    /// <summary>The symbol is the number of bits of a DC difference.</summary>
    Dc,

    /// <summary>
    /// The symbol has the number of zeros before a coefficient and its bits. The resulting step leads to the coefficient.
    /// </summary>
    SequentialAc,

    /// <summary>The symbol is as in a sequential scan, or a run of blocks that end. The result is the upper half of the symbol.</summary>
    ProgressiveAc,
}

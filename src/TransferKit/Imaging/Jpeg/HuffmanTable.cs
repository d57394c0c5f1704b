using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// A Huffman table, in memory that is lent: codes of up to ten bits are looked up, longer ones searched by length. What is found tells all
/// about the symbol at once, in four bytes: the bits of the code and of the number after it; the bits of the code; how far
/// to go on among the coefficients; 63 less the bits of the number.
/// </summary>
internal unsafe struct HuffmanTable
{
    /// <summary>In place of a distance: more than any block has left.</summary>
    public const int EndOfBlock = 64;

    private const int LookupBits = 10;

    /// <summary>No symbol, or one that no picture of eight bits has.</summary>
    public const uint Wrong = 0xFF << 16;

    // The largest number that eight-bit samples make has 11 bits as a DC difference and 10 as another coefficient.
    private const int LargestDc = 11;
    private const int LargestAc = 10;

    private fixed uint _short[1 << LookupBits];
    private fixed uint _ends[17];
    private fixed int _offsets[17];
    private fixed uint _symbols[256];

    /// <summary>What the next bits say, the highest first. A code that the table does not have leads beyond any block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Find(ulong bits)
    {
        var found = _short[bits >> (64 - LookupBits)];
        return found != 0 ? found : FindLong((uint)(bits >> 48));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint FindLong(uint code)
    {
        for (var length = LookupBits + 1; length <= 16; length++)
        {
            if (code < _ends[length])
            {
                // Within the symbols: the code is one of this length.
                return _symbols[(byte)(_offsets[length] + (int)(code >> (16 - length)))];
            }
        }
        return Wrong;
    }

    /// <param name="definition">Counts of codes by length, and symbols; empty for a table that is not there.</param>
    /// <param name="kind">What the symbols mean.</param>
    /// <returns>False for no table, and for one that libjpeg refuses.</returns>
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
            // No code consists of ones alone.
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
                        new Span<uint>(lookup, 1 << LookupBits).Slice(code << (LookupBits - length), 1 << (LookupBits - length)).Fill(meaning);
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

/// <summary>What a table's symbols mean.</summary>
internal enum HuffmanKind
{
    /// <summary>How many bits a difference has.</summary>
    Dc,

    /// <summary>Zeros before a coefficient, and its bits. The distance that is found leads to the coefficient.</summary>
    SequentialAc,

    /// <summary>The same, or a run of blocks that end. What is found is the upper half of the symbol as it is.</summary>
    ProgressiveAc,
}

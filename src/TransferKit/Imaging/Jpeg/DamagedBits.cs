namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Reads the bits of damaged data by the rules of libjpeg. Bits past the next marker are zeros, an invalid code counts as zero, and a
/// restart searches for its marker.
/// </summary>
/// <param name="source">First byte of the data.</param>
/// <param name="end">End of the file.</param>
internal unsafe struct DamagedBits(byte* source, byte* end)
{
    private byte* _source = source;
    private ulong _bits;
    private int _count;

    // This marker has ended the data and is not yet used; zero for none.
    private byte _marker;
    private int _restarts;

    /// <summary>Gets whether bits were asked for that the data do not have.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Gets the address from which the next marker is searched.</summary>
    public readonly byte* Rest => _marker == 0 ? _source : _source - 2;

    public int Take(int count)
    {
        while (_count < count)
        {
            _bits = (_bits << 8) | NextByte();
            _count += 8;
        }
        _count -= count;
        return (int)(_bits >> _count) & ((1 << count) - 1);
    }

    /// <summary>Reads a code and returns its symbol.</summary>
    public int Symbol(LongestCodes codes)
    {
        var (code, length) = (Take(1), 1);
        while (length <= LongestCodes.MostBits && code > codes.Last(length))
        {
            code = (code << 1) | Take(1);
            length++;
        }
        return codes.Symbol(code, length);
    }

    /// <summary>Reads a number, which is negative below half of its range.</summary>
    public int Number(int size)
    {
        var number = Take(size);
        return size == 0 || number >= 1 << (size - 1) ? number : number - (1 << size) + 1;
    }

    /// <summary>
    /// Moves behind the next restart marker. One of the two that follow it stays, as does a marker of another kind, so that the data up to
    /// the next restart are empty. Earlier ones and undefined markers are skipped.
    /// </summary>
    public void Restart()
    {
        (_bits, _count) = (0, 0);
        var expected = _restarts++ & 7;
        if (_marker == 0)
        {
            FindMarker();
        }
        while (_marker != 0)
        {
            var isRestart = _marker is >= JpegMarker.FirstRestart and < JpegMarker.FirstRestart + 8;
            var ahead = (_marker - JpegMarker.FirstRestart - expected) & 7;
            if (isRestart && ahead is 0 or 3 or 4 or 5)
            {
                _marker = 0;
                break;
            }
            if (isRestart ? ahead is 1 or 2 : _marker >= JpegMarker.BaselineFrame)
            {
                return;
            }
            FindMarker();
        }
        IsOver = false;
    }

    private byte NextByte()
    {
        if (_marker == 0 && _source < end)
        {
            if (*_source != JpegMarker.Prefix)
            {
                return *_source++;
            }
            // A prefix may be repeated. One that a zero follows is a byte of the data.
            SkipPrefixes();
            if (_marker == 0 && _source < end)
            {
                _source++;
                return JpegMarker.Prefix;
            }
            _source += _marker == 0 ? 0 : 1;
        }
        IsOver = true;
        return 0;
    }

    private void FindMarker()
    {
        _marker = 0;
        while (_source < end && _marker == 0)
        {
            if (*_source++ == JpegMarker.Prefix)
            {
                SkipPrefixes();
                _source += _source < end ? 1 : 0;
            }
        }
    }

    private void SkipPrefixes()
    {
        while (_source < end && *_source == JpegMarker.Prefix)
        {
            _source++;
        }
        _marker = _source < end ? *_source : (byte)0;
    }
}

/// <summary>Represents a Huffman table by the last code of each length, as libjpeg searches codes of any length.</summary>
internal sealed class LongestCodes
{
    public const int MostBits = 16;

    private readonly int[] _last = new int[MostBits + 1];
    private readonly int[] _offsets = new int[MostBits + 1];
    private readonly byte[] _symbols = new byte[256];

    /// <param name="definition">Numbers of codes by length, and symbols.</param>
    public LongestCodes(ReadOnlySpan<byte> definition)
    {
        var symbols = definition[MostBits..];
        symbols[..Math.Min(symbols.Length, _symbols.Length)].CopyTo(_symbols);
        var (code, before) = (0, 0);
        for (var length = 1; length <= MostBits; length++, code <<= 1)
        {
            var count = (int)definition[length - 1];
            _offsets[length] = before - code;
            (code, before) = (code + count, before + count);
            _last[length] = count == 0 ? -1 : code - 1;
        }
    }

    public int Last(int length) => _last[length];

    /// <summary>Returns the symbol of a code, or zero if the code is longer than codes may be.</summary>
    public int Symbol(int code, int length) => length > MostBits ? 0 : _symbols[(byte)(code + _offsets[length])];
}

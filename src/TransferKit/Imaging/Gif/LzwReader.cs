namespace TransferKit.Imaging.Gif;

/// <summary>Reads the compressed data of a GIF frame: LZW codes of up to twelve bits in blocks of up to 255 bytes.</summary>
/// <param name="blocks">Data blocks, each after its length.</param>
/// <param name="rootBits">Number of bits of a pixel, 1 to 8.</param>
internal ref struct LzwReader(ReadOnlySpan<byte> blocks, int rootBits)
{
    private const int MostBits = 12;
    private const int MostCodes = 1 << MostBits;

    private readonly ReadOnlySpan<byte> _blocks = blocks;
    private readonly int _clear = 1 << rootBits;

    // Each string consists of the string of its prefix and one more pixel.
    private readonly ushort[] _prefixes = new ushort[MostCodes];
    private readonly ushort[] _lengths = new ushort[MostCodes];
    private readonly byte[] _pixels = new byte[MostCodes];

    // This is the rest of a string that did not fit into the last target.
    private readonly byte[] _string = new byte[MostCodes];
    private int _restStart;
    private int _restEnd;

    private int _at;
    private int _blockEnd;
    private uint _bits;
    private int _bitCount;
    private int _codeBits;
    private int _next;
    private int _previous = -1;

    /// <summary>Fills the target with the next pixels.</summary>
    public LzwOutcome Read(Span<byte> target)
    {
        if (_codeBits == 0)
        {
            Begin();
        }
        while (!target.IsEmpty)
        {
            if (_restStart < _restEnd)
            {
                var rest = _string.AsSpan(_restStart, Math.Min(_restEnd - _restStart, target.Length));
                rest.CopyTo(target);
                _restStart += rest.Length;
                target = target[rest.Length..];
                continue;
            }
            var code = NextCode();
            if (code == _clear)
            {
                Clear();
                continue;
            }
            if (code < 0 || code == _clear + 1)
            {
                return LzwOutcome.Ended;
            }
            // A code may be used while it is being defined. Its string is the previous string followed by that string's first pixel.
            var isNext = code == _next && _previous >= 0 && _next < MostCodes;
            if (code >= _next && !isNext)
            {
                return LzwOutcome.Wrong;
            }
            var length = isNext ? _lengths[_previous] + 1 : _lengths[code];
            var place = length <= target.Length ? target[..length] : _string.AsSpan(0, length);
            Write(isNext ? _previous : code, isNext ? place[..^1] : place);
            if (isNext)
            {
                place[^1] = place[0];
            }
            AddString(place[0]);
            _previous = code;
            if (length <= target.Length)
            {
                target = target[length..];
            }
            else
            {
                (_restStart, _restEnd) = (0, length);
            }
        }
        return LzwOutcome.Filled;
    }

    private void Begin()
    {
        for (var pixel = 0; pixel < _clear; pixel++)
        {
            (_pixels[pixel], _lengths[pixel]) = ((byte)pixel, 1);
        }
        Clear();
    }

    private void Clear() => (_codeBits, _next, _previous) = (rootBits + 1, _clear + 2, -1);

    private readonly void Write(int code, Span<byte> place)
    {
        for (var at = place.Length - 1; at >= 0; at--, code = _prefixes[code])
        {
            place[at] = _pixels[code];
        }
    }

    private void AddString(byte last)
    {
        if (_previous < 0 || _next == MostCodes)
        {
            return;
        }
        (_prefixes[_next], _pixels[_next], _lengths[_next]) = ((ushort)_previous, last, (ushort)(_lengths[_previous] + 1));
        if (++_next == 1 << _codeBits && _codeBits < MostBits)
        {
            _codeBits++;
        }
    }

    /// <summary>Returns the next code, or -1 at the end of the blocks.</summary>
    private int NextCode()
    {
        for (; _bitCount < _codeBits; _bitCount += 8)
        {
            if (_at == _blockEnd)
            {
                if (_at >= _blocks.Length || _blocks[_at] == 0)
                {
                    return -1;
                }
                _blockEnd = Math.Min(_at + 1 + _blocks[_at], _blocks.Length);
                if (++_at == _blockEnd)
                {
                    return -1;
                }
            }
            _bits |= (uint)_blocks[_at++] << _bitCount;
        }
        var code = (int)_bits & ((1 << _codeBits) - 1);
        _bits >>= _codeBits;
        _bitCount -= _codeBits;
        return code;
    }
}

/// <summary>Specifies how reading LZW codes ended.</summary>
internal enum LzwOutcome
{
    Filled,

    /// <summary>The data ended before the target was full.</summary>
    Ended,

    /// <summary>A code was not yet defined.</summary>
    Wrong,
}

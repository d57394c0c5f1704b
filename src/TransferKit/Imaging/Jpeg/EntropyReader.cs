using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Reads compressed data as bits. It copies the data into a window without the zeros that follow bytes of 0xFF. A block that begins before
/// the window's last start ends within it, so reading a block needs no checks.
/// </summary>
internal unsafe struct EntropyReader(byte* window)
{
    /// <summary>The size of the window.</summary>
    public const int WindowBytes = Capacity + Padding;

    private const int Capacity = 1 << 13;

    /// <summary>A block has at most 64 codes of 16 bits with 15 more each, which are 248 bytes, and eight bytes are read ahead.</summary>
    private const int LargestBlock = 264;

    /// <summary>The number of zeros after the last byte, for a damaged block that continues beyond the data.</summary>
    private const int Padding = 2 * LargestBlock;

    private readonly byte* _window = window;

    // The data from here on are not yet in the window.
    private byte* _source;
    private byte* _sourceEnd;

    private byte* _end;
    private byte* _lastStart;
    private bool _isLast;

    /// <summary>The next bits. A block is read from a copy, which is stored back after it.</summary>
    public BitBuffer Bits;

    /// <summary>Gets the address after the data that are in the window.</summary>
    public readonly byte* Source => _source;

    /// <summary>Begins to read data that end at a marker.</summary>
    public void Start(byte* source, byte* end)
    {
        _source = source;
        _sourceEnd = end;
        _isLast = false;
        _end = _window;
        Bits = new(_window);
        Fill();
    }

    /// <summary>Refills the window if a block does not fit into its rest.</summary>
    /// <returns>False if the data have ended.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsReady() => Bits.Next <= _lastStart || Fill();

    /// <summary>Returns whether all data up to the marker were read, except for padding bits of the last byte.</summary>
    public bool IsAtMarker()
    {
        if (!_isLast)
        {
            Fill();
        }
        return _isLast && (((_end - Bits.Next) * 8) + Bits.Count) is >= 0 and < 8;
    }

    private bool Fill()
    {
        if (_isLast)
        {
            return false;
        }
        var kept = _end - Bits.Next;
        Buffer.MemoryCopy(Bits.Next, _window, kept, kept);
        Bits.Move(_window);
        _end = _window + kept;
        for (var room = Capacity - kept; room > 0 && !_isLast; room = Capacity - (_end - _window))
        {
            var left = new ReadOnlySpan<byte>(_source, (int)Math.Min(room, _sourceEnd - _source));
            var plain = left.IndexOf(JpegMarker.Prefix) is >= 0 and var at ? at : left.Length;
            left[..plain].CopyTo(new Span<byte>(_end, plain));
            _source += plain;
            _end += plain;
            if (plain < left.Length)
            {
                if (_sourceEnd - _source < 2 || _source[1] != 0)
                {
                    _isLast = true;
                    break;
                }
                *_end++ = JpegMarker.Prefix;
                _source += 2;
            }
            else
            {
                _isLast = _source == _sourceEnd;
            }
        }
        if (_isLast)
        {
            new Span<byte>(_end, Padding).Clear();
        }
        // At the end of the data, up to seven bytes were read ahead.
        _lastStart = _isLast ? _end + sizeof(ulong) : _end - LargestBlock;
        return true;
    }
}

using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Compressed data as bits. It passes through a window without the zeros that follow bytes of 0xFF, so large that a block begun within its
/// bounds ends within it: nothing has to be looked at while a block is read.
/// </summary>
internal unsafe struct EntropyReader(byte* window)
{
    /// <summary>What the window takes.</summary>
    public const int WindowBytes = Capacity + Padding;

    private const int Capacity = 1 << 13;

    /// <summary>A block has at most 64 codes of 16 bits with 15 more each, 248 bytes, and eight are read ahead.</summary>
    private const int LargestBlock = 264;

    /// <summary>Zeros after the last byte, for a block that goes on where the data end.</summary>
    private const int Padding = 2 * LargestBlock;

    private readonly byte* _window = window;

    // What has not come into the window yet.
    private byte* _source;
    private byte* _sourceEnd;

    private byte* _end;
    private byte* _lastStart;
    private bool _isLast;

    /// <summary>The next bits: read in a copy, which is put back after a block.</summary>
    public BitBuffer Bits;

    /// <summary>What follows the data that came into the window.</summary>
    public readonly byte* Source => _source;

    /// <summary>Begins a stretch of data that a marker ends.</summary>
    public void Start(byte* source, byte* end)
    {
        _source = source;
        _sourceEnd = end;
        _isLast = false;
        _end = _window;
        Bits = new(_window);
        Fill();
    }

    /// <summary>Makes sure that a block may be read.</summary>
    /// <returns>False when the data have ended before.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsReady() => Bits.Next <= _lastStart || Fill();

    /// <summary>Whether all data up to the marker were taken, but for the rest of the last byte.</summary>
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
        // With nothing more to come, up to seven bytes are read ahead of what was taken.
        _lastStart = _isLast ? _end + sizeof(ulong) : _end - LargestBlock;
        return true;
    }
}

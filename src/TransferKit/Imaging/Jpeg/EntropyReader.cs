using System.Buffers.Binary;
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

    /// <summary>Next byte, and those taken from before it: so many valid bits at the top.</summary>
    public byte* Next;
    public ulong Bits;
    public int Count;

    /// <summary>What follows the data that came into the window.</summary>
    public readonly byte* Source => _source;

    /// <summary>Begins a stretch of data that a marker ends.</summary>
    public void Start(byte* source, byte* end)
    {
        _source = source;
        _sourceEnd = end;
        _isLast = false;
        Next = _end = _window;
        (Bits, Count) = (0, 0);
        Fill();
    }

    /// <summary>Makes sure that a block may be read.</summary>
    /// <returns>False when the data have ended before.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsReady() => Next <= _lastStart || Fill();

    /// <summary>At least 56 valid bits, of which any number may then be taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Refill(ref byte* next, ref ulong bits, ref int count)
    {
        // Bits that are there but not counted come again, and are the same.
        bits |= BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(next, sizeof(ulong))) >> count;
        next += (63 - count) >> 3;
        count |= 56;
    }

    /// <summary>The number that follows a code.</summary>
    /// <param name="bits">The code and what follows.</param>
    /// <param name="found">What the code means.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Number(ulong bits, uint found)
    {
        var number = bits << (int)(found >> 8);
        // A first bit of zero: a negative number, with its bits turned over.
        var negative = ~(ulong)((long)number >> 63);
        var magnitude = ((number ^ negative) >> 1) >> (int)(found >> 24);
        return (int)((magnitude ^ negative) - negative);
    }

    public uint Take(HuffmanTable* table)
    {
        Refill(ref Next, ref Bits, ref Count);
        return table->Find(Bits);
    }

    public void Skip(int count)
    {
        Bits <<= count;
        Count -= count;
    }

    /// <summary>Up to 32 bits as a number.</summary>
    public int Take(int count)
    {
        Refill(ref Next, ref Bits, ref Count);
        var taken = (int)((Bits >> 1) >> (63 - count));
        Skip(count);
        return taken;
    }

    /// <summary>Whether all data up to the marker were taken, but for the rest of the last byte.</summary>
    public bool IsAtMarker()
    {
        if (!_isLast)
        {
            Fill();
        }
        return _isLast && (((_end - Next) * 8) + Count) is >= 0 and < 8;
    }

    private bool Fill()
    {
        if (_isLast)
        {
            return false;
        }
        var kept = _end - Next;
        Buffer.MemoryCopy(Next, _window, kept, kept);
        Next = _window;
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

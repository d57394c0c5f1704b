using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>The next bits of compressed data. Small enough to be kept in registers while a block is read.</summary>
/// <param name="next">The byte after those that were taken up.</param>
internal unsafe struct BitBuffer(byte* next)
{
    private byte* _next = next;

    // The first bits are at the top. Some that are not counted may follow; they come again, and are the same.
    private ulong _bits;
    private int _count;

    /// <summary>Bytes before this one were taken up, the last few of them not used yet.</summary>
    public readonly byte* Next => _next;

    /// <summary>How many bits of theirs were not used.</summary>
    public readonly int Count => _count;

    /// <summary>The same bits, with the bytes to come moved to another place.</summary>
    public void Move(byte* next) => _next = next;

    /// <summary>Makes at least 56 bits ready.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Refill()
    {
        _bits |= BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(_next, sizeof(ulong))) >> _count;
        _next += (63 - _count) >> 3;
        _count |= 56;
    }

    /// <summary>What the next code means.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint Find(HuffmanTable* table) => table->Find(_bits);

    /// <summary>The number after a code, given what the code means. Nothing is used up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Number(uint found)
    {
        var number = _bits << (int)(found >> 8);
        // A first bit of zero: a negative number, with its bits turned over.
        var negative = ~(ulong)((long)number >> 63);
        var magnitude = ((number ^ negative) >> 1) >> (int)(found >> 24);
        return (int)((magnitude ^ negative) - negative);
    }

    /// <summary>Uses a code up, and the number after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(uint found)
    {
        _bits <<= (int)found;
        _count -= (byte)found;
    }

    /// <summary>Uses up to sixteen bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Take(int count)
    {
        Refill();
        var taken = (int)((_bits >> 1) >> (63 - count));
        Skip((uint)count);
        return taken;
    }
}

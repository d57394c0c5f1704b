using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Represents the next bits of compressed data. The struct is small enough for registers while a block is read.</summary>
/// <param name="next">Address of the byte after those already loaded.</param>
internal unsafe struct BitBuffer(byte* next)
{
    private byte* _next = next;

    // The first bits are at the top. Uncounted bits may follow; a later refill loads the same bits again.
    private ulong _bits;
    private int _count;

    /// <summary>Gets the address of the next byte to load; some bits of the bytes before it may be unused.</summary>
    public readonly byte* Next => _next;

    /// <summary>Gets the number of loaded bits that are unused.</summary>
    public readonly int Count => _count;

    /// <summary>Moves the address of the next byte and keeps the loaded bits.</summary>
    public void Move(byte* next) => _next = next;

    /// <summary>The number of bits that are available after a refill, at least.</summary>
    public const int Loaded = 56;

    /// <summary>Loads bytes until at least <see cref="Loaded"/> bits are available.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Refill()
    {
        _bits |= BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(_next, sizeof(ulong))) >> _count;
        _next += (63 - _count) >> 3;
        _count |= 56;
    }

    /// <summary>Looks up the next code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint Find(HuffmanTable* table) => table->Find(_bits);

    /// <summary>Looks up the next coefficients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Find(CoefficientPairs* pairs) => pairs->Find(_bits);

    /// <summary>Returns the number after a code, given the code's lookup result. The bits stay unused.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Number(uint found) => Number(_bits, found);

    /// <summary>Returns the number after a code that begins with the first of some bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Number(ulong bits, uint found)
    {
        var number = bits << (int)(found >> 8);
        // A leading zero bit marks a negative number, whose bits are inverted.
        var negative = ~(ulong)((long)number >> 63);
        var magnitude = ((number ^ negative) >> 1) >> (int)(found >> 24);
        return (int)((magnitude ^ negative) - negative);
    }

    /// <summary>Skips a code and the number after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(uint found)
    {
        _bits <<= (int)found;
        _count -= (byte)found;
    }

    /// <summary>Reads one bit that is already loaded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TakeLoaded()
    {
        var taken = (int)(_bits >> 63);
        _bits <<= 1;
        _count--;
        return taken;
    }

    /// <summary>Reads up to sixteen bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Take(int count)
    {
        Refill();
        var taken = (int)((_bits >> 1) >> (63 - count));
        Skip((uint)count);
        return taken;
    }
}

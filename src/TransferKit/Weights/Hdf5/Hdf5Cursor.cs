using System.Buffers.Binary;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>Reads the fields of a piece of metadata one after the other, all little-endian.</summary>
internal ref struct Hdf5Cursor(ReadOnlySpan<byte> bytes)
{
    /// <summary>The address of what is not stored: all bits set.</summary>
    public const long Undefined = -1;

    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Remaining => _rest.Length;

    public ReadOnlySpan<byte> Take(long length)
    {
        if (length < 0 || length > _rest.Length)
            throw Hdf5Exception.Damaged("a structure is shorter than its fields");
        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    public void Skip(long length) => Take(length);

    public int U8() => Take(1)[0];

    public int U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>An address: negative where undefined or absurd, which every reading refuses.</summary>
    public long Address() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>A length or count of 8 bytes.</summary>
    public long Length() => Unsigned(8);

    /// <summary>A number of 1 to 8 bytes that is no address.</summary>
    public long Unsigned(int size)
    {
        var value = 0UL;
        var taken = Take(size);
        for (var i = size - 1; i >= 0; i--)
            value = value << 8 | taken[i];
        return value <= long.MaxValue ? (long)value : throw Hdf5Exception.Damaged("a length is larger than any file");
    }

    /// <summary>Four bytes that name a structure.</summary>
    public void Signature(ReadOnlySpan<byte> signature, string structure)
    {
        if (!Take(signature.Length).SequenceEqual(signature))
            throw Hdf5Exception.Damaged($"its {structure} is not where it should be");
    }

    /// <summary>One byte that gives a structure's version.</summary>
    public int Version(string structure, int first, int last)
    {
        var version = U8();
        return version >= first && version <= last
            ? version : throw Hdf5Exception.Damaged($"its {structure} has version {version}, which is not known");
    }
}

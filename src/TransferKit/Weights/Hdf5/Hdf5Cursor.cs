using System.Buffers.Binary;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>Reads the fields of a metadata block in order, all little-endian.</summary>
internal ref struct Hdf5Cursor(ReadOnlySpan<byte> bytes)
{
    /// <summary>The undefined address, all bits set, of data that is not stored.</summary>
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

    /// <summary>Reads an address. Undefined and out-of-range addresses are negative, which every read refuses.</summary>
    public long Address() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>Reads a length or a count of 8 bytes.</summary>
    public long Length() => Unsigned(8);

    /// <summary>Reads an unsigned number of 1 to 8 bytes that is not an address.</summary>
    public long Unsigned(int size)
    {
        var value = 0UL;
        var taken = Take(size);
        for (var i = size - 1; i >= 0; i--)
            value = value << 8 | taken[i];
        return value <= long.MaxValue ? (long)value : throw Hdf5Exception.Damaged("a length is larger than any file");
    }

    /// <summary>Reads the four bytes that identify a structure.</summary>
    public void Signature(ReadOnlySpan<byte> signature, string structure)
    {
        if (!Take(signature.Length).SequenceEqual(signature))
            throw Hdf5Exception.Damaged($"its {structure} has the wrong signature");
    }

    /// <summary>Reads the byte that holds a structure's version.</summary>
    public int Version(string structure, int first, int last)
    {
        var version = U8();
        return version >= first && version <= last
            ? version : throw Hdf5Exception.Damaged($"its {structure} has the unknown version {version}");
    }
}

using System.Buffers;
using System.Buffers.Binary;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>
/// Represents one contiguous part of the file. All blocks get their addresses before any content is created, because the content refers to
/// other blocks.
/// </summary>
internal sealed class Hdf5WriteBlock(Action<Hdf5WriteBytes> write)
{
    /// <summary>Gets or sets the position of the block in the file; zero until it is planned.</summary>
    public long Address { get; set; }

    /// <summary>Creates the block's bytes, whose number does not depend on any address.</summary>
    public ReadOnlyMemory<byte> Content()
    {
        var bytes = new Hdf5WriteBytes();
        write(bytes);
        bytes.Align();
        return bytes.Written;
    }
}

/// <summary>Represents a message of an object header.</summary>
internal sealed record Hdf5WriteMessage(int Type, int Flags, Action<Hdf5WriteBytes> Write);

/// <summary>Appends values as little-endian bytes.</summary>
internal sealed class Hdf5WriteBytes
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    public Hdf5WriteBytes Byte(int value) => Bytes([checked((byte)value)]);

    public Hdf5WriteBytes UInt16(int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Next(2), checked((ushort)value));
        return this;
    }

    public Hdf5WriteBytes UInt32(long value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Next(4), checked((uint)value));
        return this;
    }

    /// <summary>Appends an address, a length or an offset. HDF5's undefined address is -1.</summary>
    public Hdf5WriteBytes UInt64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Next(8), value);
        return this;
    }

    public Hdf5WriteBytes Bytes(ReadOnlySpan<byte> values)
    {
        _buffer.Write(values);
        return this;
    }

    public Hdf5WriteBytes Zeros(int count)
    {
        Next(count).Clear();
        return this;
    }

    /// <summary>Pads with zeros to a multiple of 8 bytes.</summary>
    public Hdf5WriteBytes Align() => Zeros(-_buffer.WrittenCount & 7);

    private Span<byte> Next(int count)
    {
        var span = _buffer.GetSpan(count)[..count];
        _buffer.Advance(count);
        return span;
    }
}

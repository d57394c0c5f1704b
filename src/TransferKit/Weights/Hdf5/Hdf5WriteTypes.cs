using System.Buffers.Binary;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>HDF5's descriptions of the number and string types that are written (datatype messages, version 1).</summary>
internal static class Hdf5WriteTypes
{
    /// <summary>IEEE 754, 32 bits, little-endian.</summary>
    public static byte[] Float32 { get; } = [0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];

    /// <summary>IEEE 754, 64 bits, little-endian: the type of numpy's empty list.</summary>
    public static byte[] Float64 { get; } = [0x11, 0x20, 0x3f, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0];

    /// <summary>A string padded with nulls to its length, as numpy's <c>S</c>.</summary>
    public static byte[] FixedString(int length)
    {
        byte[] type = [0x13, 1, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(type.AsSpan(4), length);
        return type;
    }

    /// <summary>A reference into a global heap: length, address and index, 16 bytes; the heap holds single bytes.</summary>
    public static byte[] VariableString(bool isUtf8) =>
        [0x19, 1, (byte)(isUtf8 ? 1 : 0), 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0];
}

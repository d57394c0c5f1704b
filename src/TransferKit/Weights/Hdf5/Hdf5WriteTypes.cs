using System.Buffers.Binary;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>Creates the datatype messages (version 1) of the numbers and strings that are written.</summary>
internal static class Hdf5WriteTypes
{
    /// <summary>Gets the type of little-endian IEEE 754 floats of 32 bits.</summary>
    public static byte[] Float32 { get; } = [0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];

    /// <summary>Gets the type of little-endian IEEE 754 floats of 64 bits, which numpy's empty list has.</summary>
    public static byte[] Float64 { get; } = [0x11, 0x20, 0x3f, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0];

    /// <summary>Gets the type of a string of fixed length, padded with nulls as numpy's <c>S</c>.</summary>
    public static byte[] FixedString(int length)
    {
        byte[] type = [0x13, 1, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(type.AsSpan(4), length);
        return type;
    }

    /// <summary>Gets the type of a 16-byte reference into a global heap: length, address and index. The heap stores single bytes.</summary>
    public static byte[] VariableString(bool isUtf8) =>
        [0x19, 1, (byte)(isUtf8 ? 1 : 0), 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0];
}

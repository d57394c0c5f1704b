using System.Buffers.Binary;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace TransferKit.WeightSources.Hdf5;

internal enum NumberKind { Signed, Unsigned, Float }

/// <summary>Represents the format of a number.</summary>
internal sealed record NumberFormat(NumberKind Kind, int Size, bool BigEndian)
{
    /// <summary>Gets whether the stored bytes are a float in this machine's byte order.</summary>
    public bool IsNative => Kind == NumberKind.Float && Size == sizeof(float) && BigEndian != BitConverter.IsLittleEndian;

    /// <summary>Converts numbers to floats until the destination is full.</summary>
    /// <param name="stored">The stored numbers. Their bytes may be swapped in place.</param>
    /// <param name="destination">The span for the floats, rounded to nearest.</param>
    public void ToFloats(Span<byte> stored, Span<float> destination)
    {
        stored = stored[..checked(destination.Length * Size)];
        if (BigEndian == BitConverter.IsLittleEndian)
            Reverse(stored);
        switch (Kind, Size)
        {
            case (NumberKind.Float, 2): Convert<Half>(stored, destination); break;
            case (NumberKind.Float, 4): stored.CopyTo(MemoryMarshal.AsBytes(destination)); break;
            case (NumberKind.Float, _): Convert<double>(stored, destination); break;
            case (NumberKind.Signed, 1): Convert<sbyte>(stored, destination); break;
            case (NumberKind.Signed, 2): Convert<short>(stored, destination); break;
            case (NumberKind.Signed, 4): Convert<int>(stored, destination); break;
            case (NumberKind.Signed, _): Convert<long>(stored, destination); break;
            case (_, 1): Convert<byte>(stored, destination); break;
            case (_, 2): Convert<ushort>(stored, destination); break;
            case (_, 4): Convert<uint>(stored, destination); break;
            default: Convert<ulong>(stored, destination); break;
        }
    }

    private static void Convert<T>(ReadOnlySpan<byte> stored, Span<float> destination) where T : unmanaged, INumberBase<T> =>
        TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, T>(stored), destination);

    private void Reverse(Span<byte> stored)
    {
        switch (Size)
        {
            case 2:
                var words = MemoryMarshal.Cast<byte, ushort>(stored);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            case 4:
                var doubleWords = MemoryMarshal.Cast<byte, uint>(stored);
                BinaryPrimitives.ReverseEndianness(doubleWords, doubleWords);
                break;
            case 8:
                var quadWords = MemoryMarshal.Cast<byte, ulong>(stored);
                BinaryPrimitives.ReverseEndianness(quadWords, quadWords);
                break;
        }
    }
}

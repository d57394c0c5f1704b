using System.Buffers.Binary;
using System.Numerics;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>Computes HDF5's two checksums: Jenkins' lookup3 for metadata, and Fletcher's for chunks.</summary>
internal static class Hdf5Checksum
{
    /// <summary>Throws unless a structure ends with the checksum of its other bytes.</summary>
    public static void Verify(ReadOnlySpan<byte> structure, string name)
    {
        if (structure.Length < 4 || Lookup3(structure[..^4]) != BinaryPrimitives.ReadUInt32LittleEndian(structure[^4..]))
            throw Hdf5Exception.Damaged($"the checksum of its {name} is wrong");
    }

    /// <summary>Computes Bob Jenkins' lookup3, <c>hashlittle</c>, with initial value zero.</summary>
    public static uint Lookup3(ReadOnlySpan<byte> bytes)
    {
        uint a, b, c;
        a = b = c = 0xdeadbeef + (uint)bytes.Length;
        if (bytes.IsEmpty)
            return c;
        for (; bytes.Length > 12; bytes = bytes[12..])
        {
            Add(bytes);
            a -= c; a ^= BitOperations.RotateLeft(c, 4); c += b;
            b -= a; b ^= BitOperations.RotateLeft(a, 6); a += c;
            c -= b; c ^= BitOperations.RotateLeft(b, 8); b += a;
            a -= c; a ^= BitOperations.RotateLeft(c, 16); c += b;
            b -= a; b ^= BitOperations.RotateLeft(a, 19); a += c;
            c -= b; c ^= BitOperations.RotateLeft(b, 4); b += a;
        }
        Span<byte> last = stackalloc byte[12];
        last.Clear();
        bytes.CopyTo(last);
        Add(last);
        c ^= b; c -= BitOperations.RotateLeft(b, 14);
        a ^= c; a -= BitOperations.RotateLeft(c, 11);
        b ^= a; b -= BitOperations.RotateLeft(a, 25);
        c ^= b; c -= BitOperations.RotateLeft(b, 16);
        a ^= c; a -= BitOperations.RotateLeft(c, 4);
        b ^= a; b -= BitOperations.RotateLeft(a, 14);
        c ^= b; c -= BitOperations.RotateLeft(b, 24);
        return c;

        void Add(ReadOnlySpan<byte> words)
        {
            a += BinaryPrimitives.ReadUInt32LittleEndian(words);
            b += BinaryPrimitives.ReadUInt32LittleEndian(words[4..]);
            c += BinaryPrimitives.ReadUInt32LittleEndian(words[8..]);
        }
    }

    /// <summary>Computes HDF5's Fletcher checksum of big-endian 16-bit words. An odd last byte counts as a high byte.</summary>
    public static uint Fletcher32(ReadOnlySpan<byte> bytes)
    {
        // The sums are folded often enough that they cannot overflow 32 bits.
        const int WordsAtOnce = 360;
        uint first = 0, second = 0;
        for (var at = 0; at < bytes.Length;)
        {
            for (var end = Math.Min(bytes.Length, at + 2 * WordsAtOnce); at < end; at += 2)
            {
                first += (uint)bytes[at] << 8 | (at + 1 < bytes.Length ? bytes[at + 1] : 0u);
                second += first;
            }
            first = Fold(first);
            second = Fold(second);
        }
        return Fold(second) << 16 | Fold(first);

        static uint Fold(uint sum) => (sum & 0xffff) + (sum >> 16);
    }
}

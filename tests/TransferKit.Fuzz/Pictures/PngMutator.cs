using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace TransferKit.Fuzz.Pictures;

/// <summary>PNG as a list of chunks, with CRCs that are right but for one input in eight.</summary>
internal static class PngMutator
{
    private const int SignatureLength = 8;
    private static readonly string[] Types =
        ["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "iCCP", "eXIf", "zTXt", "iTXt", "acTL", "fcTL", "fdAT", "sBIT", "bKGD"];

    public static byte[] Mutate(byte[] source, Random random)
    {
        var parts = Split(source);
        if (random.Next(4) == 0 && parts.FindIndex(IsData) is var data && data >= 0)
            MutateRows(parts, data, random);
        if (random.Next(6) == 0)
        {
            var type = Encoding.ASCII.GetBytes(Types[random.Next(Types.Length)]);
            parts.Insert(random.Next(parts.Count + 1), [.. type, .. new byte[random.Next(40)]]);
        }
        Parts.Mutate(parts, random, (part, r) =>
        {
            // The type is left alone, mostly, so that the content is looked at.
            if (part.Length > 4 && r.Next(8) != 0)
                ByteMutator.WriteBad(part.AsSpan(4), r.Next(part.Length - 4), r);
            else
                ByteMutator.WriteBad(part, r.Next(part.Length), r);
        });
        return Join(source, parts, wrongCrc: random.Next(8) == 0);
    }

    private static bool IsData(byte[] part) => part.AsSpan().StartsWith("IDAT"u8);

    // The rows behind the compression: filter bytes, lengths that are short or long.
    private static void MutateRows(List<byte[]> parts, int first, Random random)
    {
        var packed = parts.Where(IsData).SelectMany(p => p[4..]).ToArray();
        byte[] rows;
        try
        {
            using var unpacked = new MemoryStream();
            using (var zlib = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress))
                zlib.CopyTo(unpacked);
            rows = unpacked.ToArray();
        }
        catch (InvalidDataException)
        {
            return;
        }
        rows = ByteMutator.Mutate(rows, random, [rows.Length > 0 ? rows : [0]]);
        using var again = new MemoryStream();
        using (var zlib = new ZLibStream(again, CompressionLevel.Fastest))
            zlib.Write(rows);
        parts.RemoveAll(IsData);
        parts.Insert(Math.Min(first, parts.Count), [.. "IDAT"u8, .. again.ToArray()]);
    }

    private static List<byte[]> Split(byte[] source)
    {
        var parts = new List<byte[]>();
        for (var at = SignatureLength; at + 12 <= source.Length;)
        {
            var length = Math.Clamp(BinaryPrimitives.ReadInt32BigEndian(source.AsSpan(at)), 0, source.Length - at - 12);
            parts.Add(source[(at + 4)..(at + 8 + length)]);
            at += 12 + length;
        }
        return parts;
    }

    private static byte[] Join(byte[] source, List<byte[]> parts, bool wrongCrc)
    {
        using var joined = new MemoryStream();
        joined.Write(source.AsSpan(0, Math.Min(SignatureLength, source.Length)));
        Span<byte> number = stackalloc byte[4];
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, Math.Max(0, part.Length - 4));
            joined.Write(number);
            joined.Write(part);
            BinaryPrimitives.WriteUInt32BigEndian(number, Checksums.Crc32(part) ^ (wrongCrc ? 1u : 0));
            joined.Write(number);
        }
        return joined.ToArray();
    }
}

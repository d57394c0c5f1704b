using System.Buffers.Binary;
using System.Text;

namespace TransferKit.Fuzz.Pictures;

/// <summary>WebP as RIFF's list of chunks, with lengths that are right but for one input in eight.</summary>
internal static class WebPMutator
{
    private const int HeaderLength = 12;
    private static readonly string[] Types = ["VP8 ", "VP8L", "VP8X", "ANIM", "ANMF", "ALPH", "ICCP", "EXIF", "XMP "];

    public static byte[] Mutate(byte[] source, Random random)
    {
        var parts = new List<byte[]>();
        for (var at = HeaderLength; at + 8 <= source.Length;)
        {
            var length = Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(source.AsSpan(at + 4)), 0, source.Length - at - 8);
            parts.Add([.. source[at..(at + 4)], .. source[(at + 8)..(at + 8 + length)]]);
            at += 8 + length + (length & 1);
        }
        // A canvas and an animation round the picture.
        if (random.Next(4) == 0)
        {
            var canvas = new byte[10];
            random.NextBytes(canvas);
            parts.Insert(0, [.. "VP8X"u8, .. canvas]);
        }
        if (random.Next(6) == 0)
        {
            var type = Encoding.ASCII.GetBytes(Types[random.Next(Types.Length)]);
            parts.Insert(random.Next(parts.Count + 1), [.. type, .. new byte[random.Next(40)]]);
        }
        Parts.Mutate(parts, random, (part, r) =>
        {
            var start = part.Length > 4 && r.Next(8) != 0 ? 4 : 0;
            ByteMutator.WriteBad(part.AsSpan(start), r.Next(Math.Min(part.Length - start, r.Next(2) == 0 ? 24 : int.MaxValue)), r);
        });
        return Join(parts, wrongLength: random.Next(8) == 0);
    }

    private static byte[] Join(List<byte[]> parts, bool wrongLength)
    {
        using var joined = new MemoryStream();
        using var writer = new BinaryWriter(joined);
        writer.Write("RIFF"u8);
        writer.Write(0);
        writer.Write("WEBP"u8);
        foreach (var part in parts.Where(p => p.Length >= 4))
        {
            writer.Write(part.AsSpan(0, 4));
            writer.Write(part.Length - 4 + (wrongLength ? 3 : 0));
            writer.Write(part.AsSpan(4));
            if (part.Length % 2 != 0)
                writer.Write((byte)0);
        }
        writer.Flush();
        var bytes = joined.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - 8);
        return bytes;
    }
}

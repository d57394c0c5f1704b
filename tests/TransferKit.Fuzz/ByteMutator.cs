using System.Buffers.Binary;

namespace TransferKit.Fuzz;

/// <summary>Mutations that know nothing of a format, and the numbers that break parsers.</summary>
internal static class ByteMutator
{
    private static readonly long[] Bad =
    [
        0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, 1000, 1024, 4095, 4096, 10_000,
        32_767, 32_768, 65_535, 65_536, 1 << 20, 1 << 24, 0x7fff_fffe, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff, 1L << 32,
        1L << 40, 1L << 62, long.MaxValue, long.MinValue, -1, -2, -8,
    ];

    public static long BadNumber(Random random) => random.Next(4) switch
    {
        0 => random.NextInt64(),
        1 => random.Next(300),
        _ => Bad[random.Next(Bad.Length)] + (random.Next(4) == 0 ? random.Next(-2, 3) : 0),
    };

    public static byte[] Mutate(byte[] source, Random random, IReadOnlyList<byte[]> corpus)
    {
        var bytes = new List<byte>(source);
        for (var rounds = 1 + random.Next(1 << random.Next(5)); rounds > 0 && bytes.Count > 0; rounds--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(1 + random.Next(1 << random.Next(10)), bytes.Count - at);
            switch (random.Next(9))
            {
                case 0 or 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes[at] = (byte)BadNumber(random); break;
                case 3 or 4: Overwrite(bytes, at, random); break;
                case 5: bytes.RemoveRange(at, length); break;
                case 6: bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length)); break;
                case 7 when random.Next(4) == 0: bytes.RemoveRange(at, bytes.Count - at); break;
                case 8:
                    var other = corpus[random.Next(corpus.Count)];
                    var from = random.Next(other.Length);
                    bytes.InsertRange(at, other.AsSpan(from, Math.Min(length, other.Length - from)).ToArray());
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>Writes a bad number of 1, 2, 4 or 8 bytes, in either byte order, at a place or as near before it as fits.</summary>
    public static void WriteBad(Span<byte> bytes, int at, Random random)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, BadNumber(random));
        var size = Math.Min(1 << random.Next(4), bytes.Length);
        if (random.Next(2) == 0)
            number[..size].Reverse();
        number[..size].CopyTo(bytes[Math.Min(at, bytes.Length - size)..]);
    }

    private static void Overwrite(List<byte> bytes, int at, Random random)
    {
        var span = bytes.GetRange(at, Math.Min(8, bytes.Count - at)).ToArray();
        WriteBad(span, 0, random);
        for (var i = 0; i < span.Length; i++)
            bytes[at + i] = span[i];
    }
}

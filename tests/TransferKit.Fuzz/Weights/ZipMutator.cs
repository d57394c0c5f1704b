using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace TransferKit.Fuzz.Weights;

/// <summary>
/// A <c>.keras</c> archive by its headers: fields of the local headers, the directory and its end; members doubled,
/// packed, bent inside with their CRC made right.
/// </summary>
internal static class ZipMutator
{
    private static readonly byte[][] Signatures =
        [[0x50, 0x4b, 3, 4], [0x50, 0x4b, 1, 2], [0x50, 0x4b, 5, 6], [0x50, 0x4b, 6, 6], [0x50, 0x4b, 6, 7]];

    // Archives of the corpus are bent again and again.
    private static readonly ConditionalWeakTable<byte[], List<(string FullName, byte[] Content)>> Known = [];

    public static byte[] Mutate(byte[] source, Random random)
    {
        var bytes = random.Next(2) == 0 ? Repacked(source, random) : (byte[])source.Clone();
        if (random.Next(4) == 0)
            return bytes;
        var headers = Headers(bytes);
        for (var rounds = 1 + random.Next(3); rounds > 0 && headers.Count > 0; rounds--)
        {
            var start = headers[random.Next(headers.Count)];
            var length = Math.Min(70, bytes.Length - start);
            switch (random.Next(6))
            {
                case 0: bytes[start + random.Next(4, length)] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes = [.. bytes[..start], .. bytes[start..(start + length)], .. bytes[start..]]; break;
                case 2: bytes = [.. bytes[..start], .. new byte[random.Next(1, 40)], .. bytes[start..]]; break;
                default: ByteMutator.WriteBad(bytes.AsSpan(start + 4, length - 4), random.Next(length - 4), random); break;
            }
            headers = Headers(bytes);
        }
        return bytes;
    }

    // The archive is written again: in other compression, with members twice or renamed, with bent weights inside.
    private static byte[] Repacked(byte[] source, Random random)
    {
        if (Known.GetValue(source, Unpacked) is not { Count: > 0 } members)
            return source;
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (fullName, content) in members)
            {
                var bytes = content;
                if (fullName.EndsWith(".h5", StringComparison.Ordinal) && random.Next(2) == 0)
                    bytes = Hdf5Mutator.Mutate(bytes, random);
                if (random.Next(16) == 0)
                    bytes = new byte[random.Next(1 << 22)];
                for (var copies = random.Next(8) == 0 ? 2 : 1; copies > 0; copies--)
                {
                    var name = random.Next(16) == 0 ? $"../{fullName}" : fullName;
                    var copy = zip.CreateEntry(name, (CompressionLevel)random.Next(4));
                    // The time of day would make each run's inputs others.
                    copy.LastWriteTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
                    using var target = copy.Open();
                    target.Write(bytes);
                }
            }
        }
        return packed.ToArray();
    }

    // None where the archive cannot be read.
    private static List<(string FullName, byte[] Content)> Unpacked(byte[] source)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(source));
            return [.. zip.Entries.Select(entry =>
            {
                using var content = new MemoryStream();
                using (var member = entry.Open())
                    member.CopyTo(content);
                return (entry.FullName, content.ToArray());
            })];
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }

    private static List<int> Headers(byte[] bytes)
    {
        var found = new List<int>();
        foreach (var signature in Signatures)
        {
            for (int from = 0, next; (next = bytes.AsSpan(from).IndexOf(signature)) >= 0; from += next + 4)
            {
                if (from + next + 8 < bytes.Length)
                    found.Add(from + next);
            }
        }
        return found;
    }
}

using System.Buffers.Binary;

namespace TransferKit.Fuzz.Pictures;

/// <summary>TIFF, and EXIF which is one: the entries of its directories, in the byte order that the file has.</summary>
internal static class TiffMutator
{
    private const int EntryLength = 12;

    // Size, bits, compression, photometric, strips, samples, predictor, tiles, subsampling and sample format decide how pixels are read.
    private static readonly int[] Tags =
        [256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 338, 339, 347, 530, 531];

    public static byte[] Mutate(byte[] source, Random random)
    {
        var bytes = (byte[])source.Clone();
        var order = bytes is [(byte)'M', ..] ? ByteOrder.Big : ByteOrder.Little;
        var directories = Directories(bytes, order);
        for (var rounds = 1 + random.Next(4); rounds > 0; rounds--)
        {
            if (directories.Count == 0 || random.Next(8) == 0)
            {
                if (bytes.Length > 0)
                    ByteMutator.WriteBad(bytes, random.Next(bytes.Length), random);
                continue;
            }
            var directory = directories[random.Next(directories.Count)];
            var count = Read16(bytes, directory, order);
            var entry = directory + 2 + EntryLength * random.Next(Math.Max(1, count));
            if (entry + EntryLength > bytes.Length)
                continue;
            switch (random.Next(7))
            {
                case 0: Write(bytes, entry, 2, Tags[random.Next(Tags.Length)], order); break;
                case 1: Write(bytes, entry + 2, 2, random.Next(19), order); break;
                case 2: Write(bytes, entry + 4, 4, ByteMutator.BadNumber(random), order); break;
                // Offsets to the file's own places: loops, overlaps.
                case 3: Write(bytes, entry + 8, 4, random.Next(bytes.Length), order); break;
                case 4: Write(bytes, directory + 2 + EntryLength * count, 4, directories[random.Next(directories.Count)], order); break;
                default: Write(bytes, entry + 8, random.Next(2) == 0 ? 2 : 4, ByteMutator.BadNumber(random), order); break;
            }
        }
        return bytes;
    }

    private enum ByteOrder { Little, Big }

    private static List<int> Directories(byte[] bytes, ByteOrder order)
    {
        var found = new List<int>();
        for (long at = Read32(bytes, 4, order); at > 0 && at + 2 <= bytes.Length && found.Count < 20 && !found.Contains((int)at);)
        {
            found.Add((int)at);
            at = Read32(bytes, (int)at + 2 + EntryLength * Read16(bytes, (int)at, order), order);
        }
        return found;
    }

    private static int Read16(byte[] bytes, int at, ByteOrder order) => at < 0 || at + 2 > bytes.Length ? 0
        : order == ByteOrder.Big ? BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at))
        : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static long Read32(byte[] bytes, int at, ByteOrder order) => at < 0 || at + 4 > bytes.Length ? 0
        : order == ByteOrder.Big ? BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at))
        : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static void Write(byte[] bytes, int at, int size, long value, ByteOrder order)
    {
        if (at < 0 || at + size > bytes.Length)
            return;
        for (var i = 0; i < size; i++)
            bytes[at + (order == ByteOrder.Big ? size - 1 - i : i)] = (byte)(value >> 8 * i);
    }
}

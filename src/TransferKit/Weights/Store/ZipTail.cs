using System.Buffers.Binary;

namespace TransferKit.WeightSources.Store;

/// <summary>The end of a zip archive, which says where its table of contents begins.</summary>
internal static class ZipTail
{
    private const uint EndSignature = 0x06054b50;
    private const uint LocatorSignature = 0x07064b50;
    private const int EndLength = 22;
    private const int LocatorLength = 20;
    private const int LargestComment = ushort.MaxValue;

    /// <summary>
    /// Gets the size of the table of contents, all of which <see cref="System.IO.Compression.ZipArchive"/> reads into memory, with what
    /// lies between it and the archive's end; null where the file has no such end.
    /// </summary>
    public static long? TableLength(Stream zip)
    {
        var tail = new byte[Math.Min(zip.Length, EndLength + LargestComment + LocatorLength)];
        zip.Position = zip.Length - tail.Length;
        zip.ReadExactly(tail);
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at)) != EndSignature)
                continue;
            long start = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 16));
            if (start == uint.MaxValue)
                start = LargeStart(zip, tail, at);
            return zip.Length - tail.Length + at - start;
        }
        return null;
    }

    // Zip64: a locator before the end leads to a record with numbers of 64 bits.
    private static long LargeStart(Stream zip, byte[] tail, int end)
    {
        Span<byte> record = stackalloc byte[56];
        if (end < LocatorLength || BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end - LocatorLength)) != LocatorSignature)
            return uint.MaxValue;
        var at = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(end - LocatorLength + 8));
        if (at < 0 || at > zip.Length - record.Length)
            throw new InvalidDataException("its end is damaged");
        zip.Position = at;
        zip.ReadExactly(record);
        return BinaryPrimitives.ReadInt64LittleEndian(record[48..]);
    }
}

using System.Buffers.Binary;

namespace TransferKit.WeightSources.Store;

/// <summary>Reads the end record of a zip archive, which locates the table of contents.</summary>
internal static class ZipTail
{
    private const uint EndSignature = 0x06054b50;
    private const uint LocatorSignature = 0x07064b50;
    private const int EndLength = 22;
    private const int LocatorLength = 20;
    private const int LargestComment = ushort.MaxValue;

    /// <summary>
    /// Gets the size of the table of contents and all bytes up to the end record; null if the file has no end record. The caller limits it
    /// because <see cref="System.IO.Compression.ZipArchive"/> reads the whole table into memory.
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

    // In Zip64 archives, a locator before the end record leads to a record with 64-bit values.
    private static long LargeStart(Stream zip, byte[] tail, int end)
    {
        Span<byte> record = stackalloc byte[56];
        if (end < LocatorLength || BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end - LocatorLength)) != LocatorSignature)
            return uint.MaxValue;
        var at = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(end - LocatorLength + 8));
        if (at < 0 || at > zip.Length - record.Length)
            throw new InvalidDataException("its end record is damaged");
        zip.Position = at;
        zip.ReadExactly(record);
        return BinaryPrimitives.ReadInt64LittleEndian(record[48..]);
    }
}

using System.Buffers.Binary;
using System.Text;

namespace TransferKit.WeightSources.Files;

/// <summary>Represents a member of a zip archive as the central directory describes it.</summary>
internal sealed record ZipMember(string Name, int Flags, int Method, uint Crc, long PackedSize, long Size, long HeaderStart, int UnixType)
{
    public const int Stored = 0, Deflated = 8;
    private const int Encrypted = 0x2041, RegularFile = 8;

    public bool IsEncrypted => (Flags & Encrypted) != 0;

    /// <summary>Gets whether the bytes of the member are its content.</summary>
    public bool IsStored => Method == Stored && PackedSize == Size && !IsEncrypted;

    /// <summary>Gets whether the member is a file, as far as its archiver noted Unix' type: not a link, folder or device.</summary>
    public bool IsFile => UnixType is 0 or RegularFile;
}

/// <summary>
/// Reads the members of a zip archive (format: PKWARE's APPNOTE.TXT). Archives that two readers may understand differently are refused:
/// those with duplicate names, two directories, or a local header that contradicts the directory.
/// </summary>
internal sealed class ZipDirectory
{
    private const int EndLength = 22, LocatorLength = 20, End64Length = 56, EntryLength = 46, LocalLength = 30;
    private const int LongestComment = ushort.MaxValue;
    // Keras' archives have a handful of members. The limits are far above that, and low enough to bound time and memory.
    private const int MostMembers = 10_000, LongestDirectory = 16 << 20;
    // With this flag, sizes and CRC follow the data, and the local header may omit them.
    private const int HasDescriptor = 8;

    private readonly Stream _zip;
    private readonly long _start;

    private ZipDirectory(Stream zip, long start, IReadOnlyList<ZipMember> members) => (_zip, _start, Members) = (zip, start, members);

    public IReadOnlyList<ZipMember> Members { get; }

    /// <exception cref="InvalidDataException">The archive is damaged or ambiguous; the message says why.</exception>
    public static ZipDirectory Read(Stream zip)
    {
        var (start, length, count) = Find(zip);
        if (count > MostMembers || length > LongestDirectory)
            throw new InvalidDataException($"its directory claims {count:N0} members in {length:N0} bytes");
        var directory = ReadAt(zip, start, (int)length);
        var members = new List<ZipMember>();
        var at = 0;
        while (at < directory.Length)
            members.Add(Entry(directory, ref at));
        if (members.GroupBy(m => m.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InvalidDataException($"it has {twice.Count()} members '{twice.Key}'");
        return members.Count == count
            ? new(zip, start, members)
            : throw new InvalidDataException($"its directory has {members.Count:N0} members and claims {count:N0}");
    }

    /// <summary>Opens the member's packed bytes.</summary>
    /// <exception cref="InvalidDataException">The local header contradicts the directory, or the data exceed the file.</exception>
    public StreamSection Open(ZipMember member)
    {
        var header = ReadAt(_zip, member.HeaderStart, LocalLength);
        if (UInt32(header, 0) != 0x04034b50)
            throw new InvalidDataException($"the header of '{member.Name}' is not where its directory says");
        var rest = ReadAt(_zip, member.HeaderStart + LocalLength, UInt16(header, 26) + UInt16(header, 28));
        var name = rest.AsSpan(0, UInt16(header, 26));
        var sizes = Sizes64(
            rest.AsSpan(name.Length), UInt32(header, 22) == uint.MaxValue, UInt32(header, 18) == uint.MaxValue, needsStart: false,
            (UInt32(header, 22), UInt32(header, 18), 0));
        var late = (member.Flags & HasDescriptor) != 0;
        bool Agrees(long own, long listed) => own == listed || (late && own == 0);
        if (UInt16(header, 6) != member.Flags || UInt16(header, 8) != member.Method || Encoding.UTF8.GetString(name) != member.Name
            || !Agrees(UInt32(header, 14), member.Crc) || !Agrees(sizes.Size, member.Size) || !Agrees(sizes.Packed, member.PackedSize))
        {
            throw new InvalidDataException($"its directory and the header of '{member.Name}' contradict each other");
        }
        var start = member.HeaderStart + LocalLength + rest.Length;
        return member.PackedSize <= _start - start
            ? new(_zip, start, member.PackedSize)
            : throw new InvalidDataException($"'{member.Name}' claims {member.PackedSize:N0} bytes, more than there are");
    }

    private static (long Start, long Length, long Count) Find(Stream zip)
    {
        var tail = ReadAt(zip, Math.Max(0, zip.Length - EndLength - LongestComment), (int)Math.Min(zip.Length, EndLength + LongestComment));
        var ends = Enumerable.Range(0, Math.Max(0, tail.Length - EndLength + 1))
            .Where(i => UInt32(tail, i) == 0x06054b50 && i + EndLength + UInt16(tail, i + 20) == tail.Length).ToArray();
        if (ends.Length != 1)
            throw new InvalidDataException(ends.Length == 0 ? "its directory is missing: it may be cut off" : "it has two directories");
        var end = tail.AsSpan(ends[0], EndLength);
        var endStart = zip.Length - tail.Length + ends[0];
        if (UInt16(end, 4) != 0 || UInt16(end, 6) != 0 || UInt16(end, 8) != UInt16(end, 10))
            throw new InvalidDataException("it is one part of a split archive");
        (long Start, long Length, long Count) found = (UInt32(end, 16), UInt32(end, 12), UInt16(end, 10));
        var locatorStart = endStart - LocatorLength;
        if (locatorStart >= 0 && ReadAt(zip, locatorStart, LocatorLength) is var locator && UInt32(locator, 0) == 0x07064b50)
        {
            endStart = Int64(locator, 8);
            if (endStart != locatorStart - End64Length)
                throw new InvalidDataException("its directory is not where it says");
            var end64 = ReadAt(zip, endStart, End64Length);
            (long Start, long Length, long Count) wide = (Int64(end64, 48), Int64(end64, 40), Int64(end64, 32));
            if (UInt32(end64, 0) != 0x06064b50 || !Narrows(found.Start, wide.Start, uint.MaxValue)
                || !Narrows(found.Length, wide.Length, uint.MaxValue) || !Narrows(found.Count, wide.Count, ushort.MaxValue))
            {
                throw new InvalidDataException("its two end records contradict each other");
            }
            found = wide;
        }
        // The directory must fill the space up to its end record; otherwise two readers could find two directories.
        return found is { Start: >= 0, Length: >= 0, Count: >= 0 } && found.Start <= endStart && found.Length == endStart - found.Start
            ? found
            : throw new InvalidDataException("its directory is not where it says");
    }

    private static bool Narrows(long narrow, long wide, long saturated) => narrow == wide || narrow == saturated;

    private static ZipMember Entry(byte[] directory, ref int at)
    {
        var entry = directory.AsSpan(at);
        if (entry.Length < EntryLength || UInt32(entry, 0) != 0x02014b50)
            throw new InvalidDataException("its directory is damaged");
        var (name, extra, comment) = (UInt16(entry, 28), UInt16(entry, 30), UInt16(entry, 32));
        if (entry.Length < EntryLength + name + extra + comment)
            throw new InvalidDataException("its directory is damaged");
        at += EntryLength + name + extra + comment;
        var (size, packed, start) = (UInt32(entry, 24), UInt32(entry, 20), UInt32(entry, 42));
        var wide = Sizes64(
            entry.Slice(EntryLength + name, extra), size == uint.MaxValue, packed == uint.MaxValue, start == uint.MaxValue,
            (size, packed, start));
        return new(
            Encoding.UTF8.GetString(entry.Slice(EntryLength, name)), UInt16(entry, 8), UInt16(entry, 10), UInt32(entry, 16),
            wide.Packed, wide.Size, wide.Start, (int)(UInt32(entry, 38) >> 28));
    }

    // Extra field 1 holds the values that do not fit into 32 bits, in the order size, packed size, start.
    private static (long Size, long Packed, long Start) Sizes64(
        ReadOnlySpan<byte> extra, bool needsSize, bool needsPacked, bool needsStart, (long Size, long Packed, long Start) narrow)
    {
        var found = ReadOnlySpan<byte>.Empty;
        while (extra.Length >= 4)
        {
            var length = UInt16(extra, 2);
            if (length > extra.Length - 4)
                break;
            if (UInt16(extra, 0) == 1)
            {
                if (!found.IsEmpty)
                    throw new InvalidDataException("a member has two zip64 fields");
                found = extra.Slice(4, length);
            }
            extra = extra[(4 + length)..];
        }
        var taken = 0;
        return (
            needsSize ? Next(found, ref taken) : narrow.Size,
            needsPacked ? Next(found, ref taken) : narrow.Packed,
            needsStart ? Next(found, ref taken) : narrow.Start);

        static long Next(ReadOnlySpan<byte> field, ref int taken)
        {
            if (field.Length < taken + 8 || Int64(field, taken) is var value && value < 0)
                throw new InvalidDataException("a zip64 value of a member is missing");
            taken += 8;
            return value;
        }
    }

    private static byte[] ReadAt(Stream stream, long start, int length)
    {
        if (start < 0 || start > stream.Length - length)
            throw new InvalidDataException("it refers to bytes beyond its end");
        var bytes = new byte[length];
        stream.Position = start;
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
    private static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}

using System.Text;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>Reads a group's attribute as a list of names, the only use that Keras' readers have for attributes.</summary>
internal static class Hdf5Attribute
{
    // Keras splits longer lists, so a larger length is damage.
    private const long LongestList = 1 << 20;

    public static string NameOf(ReadOnlySpan<byte> message)
    {
        var cursor = new Hdf5Cursor(message);
        return Head(ref cursor).Name;
    }

    /// <summary>Reads the strings of an attribute in order. A single string gives a list of one.</summary>
    public static string[] Strings(ReadOnlySpan<byte> message, GlobalHeap heap)
    {
        var cursor = new Hdf5Cursor(message);
        var (version, shared, name, typeLength, spaceLength) = Head(ref cursor);
        if (shared)
            throw Hdf5Exception.Refused($"has a list {name} whose type is shared (a committed datatype)");
        var type = Datatype.Parse(Field(ref cursor, version, typeLength));
        var space = Dataspace.Parse(Field(ref cursor, version, spaceLength));
        // numpy writes an empty list as an array of zero floats.
        if (space.Count == 0)
            return [];
        if (type.Text is not { } format)
            throw Hdf5Exception.Damaged($"its list {name} holds {type.Description}, not names");
        if (space.Count > LongestList / type.Size || space.Count * type.Size > cursor.Remaining)
            throw Hdf5Exception.Damaged($"its list {name} claims a length that no file has");
        var strings = new string[space.Count];
        foreach (ref var s in strings.AsSpan())
            s = format.Read(cursor.Take(type.Size), heap);
        return strings;
    }

    private static (int Version, bool Shared, string Name, int TypeLength, int SpaceLength) Head(ref Hdf5Cursor cursor)
    {
        var version = cursor.Version("attribute", 1, 3);
        var flags = cursor.U8();
        var (nameLength, typeLength, spaceLength) = (cursor.U16(), cursor.U16(), cursor.U16());
        // Version 3 adds the name's encoding; both encodings can be read as UTF-8.
        if (version == 3)
            cursor.Skip(1);
        var name = Encoding.UTF8.GetString(Field(ref cursor, version, nameLength)).TrimEnd('\0');
        return (version, version > 1 && (flags & 3) != 0, name, typeLength, spaceLength);
    }

    // Version 1 pads each field to eight bytes.
    private static ReadOnlySpan<byte> Field(ref Hdf5Cursor cursor, int version, int length)
    {
        var field = cursor.Take(length);
        if (version == 1)
            cursor.Skip(-length & 7);
        return field;
    }
}

using System.Text;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>A name in a group.</summary>
/// <param name="Name">The name.</param>
/// <param name="Address">Where the object's header is, of a hard link.</param>
/// <param name="Refusal">Why the link is not followed; null for a hard link.</param>
internal readonly record struct Hdf5Link(string Name, long Address, string? Refusal)
{
    public const string Soft = "is a soft link to another object";
    private const string External = "is an external link to another file";
    private const string Other = "is a link of a user's own kind";

    /// <summary>A link as newer groups hold it.</summary>
    public static Hdf5Link Parse(ReadOnlySpan<byte> message)
    {
        var cursor = new Hdf5Cursor(message);
        cursor.Version("link", 1, 1);
        var flags = cursor.U8();
        var kind = (flags & 8) != 0 ? cursor.U8() : 0;
        // The order of creation and the name's encoding, where they are given.
        cursor.Skip(((flags & 4) != 0 ? 8 : 0) + ((flags & 16) != 0 ? 1 : 0));
        var name = Encoding.UTF8.GetString(cursor.Take(cursor.Unsigned(1 << (flags & 3))));
        return kind switch
        {
            0 => new Hdf5Link(name, cursor.Address(), null),
            1 => new Hdf5Link(name, Hdf5Cursor.Undefined, Soft),
            64 => new Hdf5Link(name, Hdf5Cursor.Undefined, External),
            _ => new Hdf5Link(name, Hdf5Cursor.Undefined, Other),
        };
    }
}

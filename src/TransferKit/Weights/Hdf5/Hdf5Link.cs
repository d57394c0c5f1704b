using System.Text;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>Represents a link of a group.</summary>
/// <param name="Name">The name of the link.</param>
/// <param name="Address">The address of the object's header, for a hard link.</param>
/// <param name="Refusal">The reason why the link is not followed; null for a hard link.</param>
internal readonly record struct Hdf5Link(string Name, long Address, string? Refusal)
{
    public const string Soft = "is a soft link to another object";
    private const string External = "is an external link to another file";
    private const string Other = "is a user-defined link";

    /// <summary>Parses the link message of a group in the newer format.</summary>
    public static Hdf5Link Parse(ReadOnlySpan<byte> message)
    {
        var cursor = new Hdf5Cursor(message);
        cursor.Version("link", 1, 1);
        var flags = cursor.U8();
        var kind = (flags & 8) != 0 ? cursor.U8() : 0;
        // Skips the optional creation order and encoding of the name.
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

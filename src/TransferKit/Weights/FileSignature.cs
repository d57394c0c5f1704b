using System.Text;

namespace TransferKit.WeightSources;

/// <summary>Detects a file's format from its first bytes.</summary>
internal static class FileSignature
{
    public static ReadOnlySpan<byte> Hdf5Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    public static bool IsHdf5(ReadOnlySpan<byte> head) => head.StartsWith(Hdf5Signature);

    public static bool IsZip(ReadOnlySpan<byte> head) => head.StartsWith("PK\u0003\u0004"u8);

    /// <summary>Gets the file's length according to its HDF5 superblock; null if the head does not hold it.</summary>
    public static long? Hdf5Length(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith(Hdf5Signature) || head.Length < 48)
            return null;
        // The fields before the end address depend on the superblock's version: 0 and 1 have base and free space, 2 and 3 base and
        // extension.
        var (offsetSize, at) = head[8] switch
        {
            0 => (head[13], 24 + 2 * 8),
            1 => (head[13], 28 + 2 * 8),
            2 or 3 => (head[9], 12 + 2 * 8),
            _ => ((byte)0, 0),
        };
        return offsetSize == 8 && head.Length >= at + 8 ? BitConverter.ToInt64(head[at..]) : null;
    }

    /// <summary>Describes the format for a message: <c>it is an HTML page</c>.</summary>
    public static string Describe(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
            return "it is empty";
        if (head.StartsWith("version https://git-lfs"u8))
            return "it is a Git LFS pointer, not the file itself (git lfs pull fetches it)";
        if (IsZip(head))
            return "it is a zip archive without a model.weights.h5";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
            return "it is gzip-compressed";
        if (head.StartsWith("\u0093NUMPY"u8) || head.StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N']))
            return "it is a numpy array";
        var text = Encoding.Latin1.GetString(head).TrimStart();
        if (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase))
        {
            return "it is an HTML page, as a login page or a proxy sends in place of a file";
        }
        if (text.StartsWith('<'))
            return "it is XML or HTML, as a server sends in place of a file";
        if (text.StartsWith('{'))
            return "it is JSON";
        return "it does not start with the HDF5 signature";
    }
}

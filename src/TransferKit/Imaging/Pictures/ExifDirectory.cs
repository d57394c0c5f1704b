using System.Buffers.Binary;

namespace TransferKit.Imaging.Pictures;

/// <summary>Reads the orientation from EXIF data, which have the structure of a TIFF without a picture.</summary>
internal static class ExifDirectory
{
    private const ushort OrientationTag = 0x0112;

    /// <summary>Returns the orientation, or null if there is none. The data may begin with the prefix of EXIF data in a JPEG.</summary>
    public static int? Orientation(ReadOnlySpan<byte> exif)
    {
        while (exif.StartsWith("Exif\0\0"u8))
        {
            exif = exif[6..];
        }
        if (exif.Length < 8)
        {
            return null;
        }
        var little = exif[0] == (byte)'I';
        var directory = Read32(exif[4..]);
        if (directory > exif.Length - 2)
        {
            return null;
        }
        // Only the first directory is read, so a cycle of directories cannot hang the decoder.
        var entries = exif[((int)directory + 2)..];
        for (int left = Read16(exif[(int)directory..]); left > 0 && entries.Length >= 12; left--, entries = entries[12..])
        {
            if (Read16(entries) == OrientationTag)
            {
                return Read16(entries[8..]);
            }
        }
        return null;

        uint Read32(ReadOnlySpan<byte> at) =>
            little ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);

        ushort Read16(ReadOnlySpan<byte> at) =>
            little ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
    }
}

using System.Buffers.Binary;

namespace TransferKit.Imaging;

/// <summary>Finds the EXIF orientation in a PNG's <c>eXIf</c> chunk, which Skia does not look at.</summary>
internal static class PngExif
{
    private const int SignatureLength = 8;
    private const ushort OrientationTag = 0x0112;

    /// <summary>The orientation, or 1 (upright) where there is none.</summary>
    public static int Orientation(ReadOnlySpan<byte> png)
    {
        png = png[SignatureLength..];
        // A chunk: length, four letters, the data, a checksum.
        while (png.Length >= 12 && BinaryPrimitives.ReadUInt32BigEndian(png) is var length && length <= png.Length - 12)
        {
            if (png.Slice(4, 4).SequenceEqual("eXIf"u8))
            {
                return InExif(png.Slice(8, (int)length));
            }
            png = png[((int)length + 12)..];
        }
        return 1;
    }

    /// <summary>EXIF is a TIFF without a picture: byte order, where the directory is, entries of twelve bytes.</summary>
    private static int InExif(ReadOnlySpan<byte> exif)
    {
        if (exif.Length < 8)
        {
            return 1;
        }
        var little = exif[0] == (byte)'I';
        var directory = Read32(exif[4..]);
        if (directory > exif.Length - 2)
        {
            return 1;
        }
        var entries = exif[((int)directory + 2)..];
        for (int left = Read16(exif[(int)directory..]); left > 0 && entries.Length >= 12; left--, entries = entries[12..])
        {
            if (Read16(entries) == OrientationTag)
            {
                return Read16(entries[8..]);
            }
        }
        return 1;

        uint Read32(ReadOnlySpan<byte> at) =>
            little ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);

        ushort Read16(ReadOnlySpan<byte> at) =>
            little ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
    }
}

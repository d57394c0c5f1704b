using System.Buffers.Binary;

namespace TransferKit.Imaging;

/// <summary>
/// Looks through the first directory of a TIFF before LibTiff does, because LibTiff takes memory for whatever a damaged
/// directory claims: gigabytes, and seconds to fill them.
/// </summary>
internal static class TiffDirectory
{
    private const int EntryBytes = 12;

    /// <exception cref="ImageDecodeException">The directory is missing, claims more than the file holds, or too many pixels.</exception>
    public static void Check(ReadOnlySpan<byte> tiff, string? name, ImageDecodeOptions options)
    {
        const ushort bigTiff = 43, width = 256, height = 257, tileWidth = 322, tileHeight = 323;
        var little = tiff[0] == (byte)'I';
        if (tiff.Length < 8)
        {
            throw CutOff(name);
        }
        if (Read16(tiff[2..]) == bigTiff)
        {
            throw new ImageDecodeException(
                ImageDecodeError.Unsupported, name, "a BigTIFF. Save it as a classic TIFF, or as PNG.");
        }
        var at = Read32(tiff[4..]);
        if (at + 2L > tiff.Length)
        {
            throw CutOff(name);
        }
        var entries = tiff[((int)at + 2)..];
        var count = Read16(tiff[(int)at..]);
        if (count * EntryBytes > entries.Length)
        {
            throw CutOff(name);
        }
        long imageWidth = 1, imageHeight = 1, pieceWidth = 1, pieceHeight = 1;
        for (; count > 0; count--, entries = entries[EntryBytes..])
        {
            if (Read32(entries[4..]) * TypeBytes(Read16(entries[2..])) > tiff.Length)
            {
                throw new ImageDecodeException(
                    ImageDecodeError.Corrupt, name, "the TIFF is damaged (a field is larger than the file).");
            }
            var value = Read16(entries[2..]) == 3 ? Read16(entries[8..]) : Read32(entries[8..]);
            switch (Read16(entries))
            {
                case width:
                    imageWidth = value;
                    break;
                case height:
                    imageHeight = value;
                    break;
                case tileWidth:
                    pieceWidth = value;
                    break;
                case tileHeight:
                    pieceHeight = value;
                    break;
            }
        }
        ImageLimits.Check(imageWidth, imageHeight, name, options);
        ImageLimits.Check(pieceWidth, pieceHeight, name, options);

        uint Read32(ReadOnlySpan<byte> from) =>
            little ? BinaryPrimitives.ReadUInt32LittleEndian(from) : BinaryPrimitives.ReadUInt32BigEndian(from);

        ushort Read16(ReadOnlySpan<byte> from) =>
            little ? BinaryPrimitives.ReadUInt16LittleEndian(from) : BinaryPrimitives.ReadUInt16BigEndian(from);
    }

    /// <summary>Bytes that a value of a field's type takes; 1 for types that nobody knows.</summary>
    private static long TypeBytes(ushort type) => type switch
    {
        3 or 8 => 2,
        4 or 9 or 11 or 13 => 4,
        5 or 10 or 12 => 8,
        _ => 1,
    };

    private static ImageDecodeException CutOff(string? name) => new(
        ImageDecodeError.Truncated, name, "the file ends too early. Was it copied or downloaded completely?");
}

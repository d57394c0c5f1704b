using System.Buffers.Binary;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Tiff;

/// <summary>
/// Checks the first directory of a TIFF before LibTiff reads it, because LibTiff allocates and fills gigabytes if a damaged directory
/// claims them.
/// </summary>
internal static class TiffDirectory
{
    /// <summary>The number of pixels up to which a tile is accepted for any size of picture.</summary>
    private const long LargeTile = 1 << 20;

    /// <exception cref="ImageDecodeException">The directory is missing, claims more than the file has, or has too many pixels.</exception>
    public static void Check(ReadOnlySpan<byte> tiff, string? name, ImageDecodeOptions options)
    {
        const ushort bigTiff = 43, width = 256, height = 257, compression = 259, stripOffsets = 273, samplesPerPixel = 277,
            tileWidth = 322, tileHeight = 323, rowsPerStrip = 278, planarConfiguration = 284, tileOffsets = 324, separate = 2;
        if (tiff.Length < 8)
        {
            throw ImageDecodeException.CutOff(name);
        }
        var little = tiff[0] == (byte)'I';
        // A BigTIFF has counts and offsets of 8 bytes.
        var isBig = Read16(tiff[2..]) == bigTiff;
        if (isBig && !little)
        {
            // LibTiff does not read their directories.
            throw new ImageDecodeException(
                ImageDecodeError.Unsupported, name,
                "the image is a BigTIFF with the most significant byte first. Save it as a classic TIFF, or as PNG.");
        }
        if (isBig && tiff.Length < 16)
        {
            throw ImageDecodeException.CutOff(name);
        }
        var at = isBig ? Read64(tiff[8..]) : Read32(tiff[4..]);
        var countBytes = isBig ? 8 : 2;
        if (at > tiff.Length - countBytes)
        {
            throw ImageDecodeException.CutOff(name);
        }
        var entries = tiff[((int)at + countBytes)..];
        var count = isBig ? Read64(tiff[(int)at..]) : Read16(tiff[(int)at..]);
        var entryBytes = isBig ? 20 : 12;
        if (count > entries.Length / entryBytes)
        {
            throw ImageDecodeException.CutOff(name);
        }
        long imageWidth = 1, imageHeight = 1, pieceWidth = 1, pieceHeight = 1;
        long stripHeight = 0, samples = 1, planar = 1, strips = 0, tiles = 0;
        for (; count > 0; count--, entries = entries[entryBytes..])
        {
            var type = Read16(entries[2..]);
            var values = isBig ? Read64(entries[4..]) : Read32(entries[4..]);
            if (values > tiff.Length / TypeBytes(type))
            {
                throw new ImageDecodeException(
                    ImageDecodeError.Corrupt, name, "the TIFF is damaged (a field is larger than the file).");
            }
            var field = entries[(isBig ? 12 : 8)..];
            var value = type switch { 3 => Read16(field), 16 when isBig => Read64(field), _ => Read32(field) };
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
                case compression:
                    CheckCompression(value, name);
                    break;
                case rowsPerStrip:
                    stripHeight = value;
                    break;
                case samplesPerPixel:
                    samples = Math.Min(value, ushort.MaxValue);
                    break;
                case planarConfiguration:
                    planar = value;
                    break;
                case stripOffsets:
                    strips = values;
                    break;
                case tileOffsets:
                    tiles = values;
                    break;
            }
        }
        ImageLimits.Check(imageWidth, imageHeight, name, options);
        ImageLimits.Check(pieceWidth, pieceHeight, name, options);
        // LibTiff allocates entries for all strips or tiles that the size implies, and memory for a whole tile.
        var planes = planar == separate ? samples : 1;
        stripHeight = stripHeight == 0 ? imageHeight : Math.Min(stripHeight, imageHeight);
        if ((strips > 0 && Pieces(imageHeight, stripHeight) * planes > strips)
            || (tiles > 0 && Pieces(imageWidth, pieceWidth) * Pieces(imageHeight, pieceHeight) * planes > tiles)
            || pieceWidth * pieceHeight > Math.Max(LargeTile, 4 * imageWidth * imageHeight))
        {
            throw new ImageDecodeException(
                ImageDecodeError.Corrupt, name, "the TIFF is damaged (its strips or tiles do not make up the picture).");
        }

        static long Pieces(long length, long piece) => (length + piece - 1) / piece;

        uint Read32(ReadOnlySpan<byte> from) =>
            little ? BinaryPrimitives.ReadUInt32LittleEndian(from) : BinaryPrimitives.ReadUInt32BigEndian(from);

        // No file has so many bytes that a larger number would be right.
        long Read64(ReadOnlySpan<byte> from) => (long)Math.Min(
            little ? BinaryPrimitives.ReadUInt64LittleEndian(from) : BinaryPrimitives.ReadUInt64BigEndian(from), long.MaxValue);

        ushort Read16(ReadOnlySpan<byte> from) =>
            little ? BinaryPrimitives.ReadUInt16LittleEndian(from) : BinaryPrimitives.ReadUInt16BigEndian(from);
    }

    /// <summary>Refuses compressions that LibTiff does not support by their names, because LibTiff would report a damaged file.</summary>
    private static void CheckCompression(long compression, string? name)
    {
        var what = compression switch
        {
            1 or 2 or 3 or 4 or 5 or 7 or 8 or 32766 or 32771 or 32773 or 32809 or 32946 or TiffPieces.WebP => null,
            6 => "old-style JPEG",
            34661 => "JBIG",
            34676 or 34677 => "SGI LogLuv",
            34712 or 33003 or 33005 => "JPEG 2000",
            34887 => "LERC",
            34925 => "LZMA",
            50000 => "Zstandard",
            50002 or 52546 => "JPEG XL",
            _ => $"the compression {compression}",
        };
        if (what is not null)
        {
            throw new ImageDecodeException(
                ImageDecodeError.Unsupported, name,
                $"the TIFF is compressed with {what}. Save it with LZW or Deflate compression, or as PNG.");
        }
    }

    /// <summary>Returns the size of a value of a field's type in bytes, or 1 for unknown types.</summary>
    private static long TypeBytes(ushort type) => type switch
    {
        3 or 8 => 2,
        4 or 9 or 11 or 13 => 4,
        5 or 10 or 12 or 16 or 17 or 18 => 8,
        _ => 1,
    };
}

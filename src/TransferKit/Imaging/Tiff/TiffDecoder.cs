using BitMiracle.LibTiff.Classic;
using TransferKit.Imaging.Pictures;
using LibTiff = BitMiracle.LibTiff.Classic.Tiff;

namespace TransferKit.Imaging.Tiff;

/// <summary>Decodes the first page of a TIFF with LibTiff: grey, palette, RGB and CMYK of up to 8 bits, in strips or tiles.</summary>
internal static class TiffDecoder
{
    public static unsafe RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, in DecodeWatch watch)
    {
        TiffDirectory.Check(encoded, name, options);
        fixed (byte* bytes = encoded)
        {
            using var stream = new UnmanagedMemoryStream(bytes, encoded.Length);
            using var errors = TiffErrorCapture.Begin();
            try
            {
                using var tiff = LibTiff.ClientOpen(name ?? "image", "r", stream, new TiffStream())
                    ?? throw Damaged(cutOff: false, name, errors.First);
                return Decode(tiff, encoded.Length, name, options, errors, in watch);
            }
            // LibTiff throws exceptions of many types for damaged files.
            catch (Exception e) when (e is not (ImageDecodeException or OutOfMemoryException or OperationCanceledException))
            {
                throw Damaged(cutOff: false, name, e.Message, e);
            }
        }
    }

    private static RgbImage Decode(
        LibTiff tiff, long fileLength, string? name, ImageDecodeOptions options, TiffErrorCapture errors, in DecodeWatch watch)
    {
        int width = Field(tiff, TiffTag.IMAGEWIDTH, 0), height = Field(tiff, TiffTag.IMAGELENGTH, 0);
        ImageLimits.Check(width, height, name, options);
        var layout = TiffPixels.Of(tiff, name);
        var image = RgbImage.Create(width, height, isPooled: false, out var rgb);

        var jpeg = TiffJpeg.Of(tiff, name, options);
        var tiled = tiff.IsTiled();
        var pieceWidth = tiled ? Field(tiff, TiffTag.TILEWIDTH, 0) : width;
        var stripHeight = Field(tiff, TiffTag.ROWSPERSTRIP, height) is > 0 and var some ? Math.Min(some, height) : height;
        // Decoding by rows avoids memory for a strip, which may be the whole picture. PackBits is decoded by strips, because its runs may
        // cross rows.
        var isByRow = !tiled && jpeg is null && Field(tiff, TiffTag.COMPRESSION, 1) != (int)Compression.PACKBITS;
        var pieceHeight = tiled ? Field(tiff, TiffTag.TILELENGTH, 0) : isByRow ? 1 : stripHeight;
        ImageLimits.Check(pieceWidth, pieceHeight, name, options);
        var rowSize = tiled ? tiff.TileRowSize() : tiff.ScanlineSize();
        var size = tiled ? tiff.TileSize() : isByRow ? rowSize : tiff.StripSize();
        if (size < 1 || rowSize < layout.RowBytes(pieceWidth) || (long)rowSize * pieceHeight > size)
        {
            throw Damaged(cutOff: false, name, "strips or tiles do not fit the picture");
        }
        var buffer = new byte[jpeg is null ? size : 0];
        for (var plane = 0; plane < layout.Planes; plane++)
        {
            for (var y = 0; y < height; y += pieceHeight)
            {
                for (var x = 0; x < width; x += pieceWidth)
                {
                    watch.Check();
                    var rows = Math.Min(pieceHeight, height - y);
                    var index = tiled
                        ? tiff.ComputeTile(x, y, 0, (short)plane)
                        : tiff.ComputeStrip(y, (short)plane);
                    var (offset, bytes) = isByRow && y % stripHeight != 0 ? default : Place(tiff, tiled, index);
                    // LibTiff would allocate memory for the claimed size.
                    if (bytes > fileLength)
                    {
                        throw Damaged(cutOff: true, name, null);
                    }
                    var columns = Math.Min(pieceWidth, width - x);
                    if (jpeg is not null)
                    {
                        jpeg.Decode(index, (int)bytes, rgb[(((y * width) + x) * 3)..], width, new(rows, columns), in watch);
                        continue;
                    }
                    var expected = tiled ? size : rows * rowSize;
                    var got = tiled ? tiff.ReadEncodedTile(index, buffer, 0, size)
                        : isByRow ? (tiff.ReadScanline(buffer, y, (short)plane) ? rowSize : 0)
                        : tiff.ReadEncodedStrip(index, buffer, 0, expected);
                    if (got < expected || errors.First is not null)
                    {
                        (offset, bytes) = Place(tiff, tiled, index);
                        throw Damaged(cutOff: offset + bytes > fileLength, name, errors.First);
                    }
                    for (var row = 0; row < rows; row++)
                    {
                        var to = rgb.Slice((((y + row) * width) + x) * 3, columns * 3);
                        layout.Convert(buffer.AsSpan(row * rowSize, rowSize), to, plane);
                    }
                }
            }
        }
        return ExifOrientation.Apply(image, Field(tiff, TiffTag.ORIENTATION, 1), isPooled: false);
    }

    internal static int Field(LibTiff tiff, TiffTag tag, int otherwise) =>
        tiff.GetFieldDefaulted(tag) is [var value, ..] ? value.ToInt() : otherwise;

    /// <summary>Returns the position of a strip or tile in the file, or zeros if the directory has none.</summary>
    private static (long Offset, long Bytes) Place(LibTiff tiff, bool tiled, int index)
    {
        var offsets = tiff.GetField(tiled ? TiffTag.TILEOFFSETS : TiffTag.STRIPOFFSETS);
        var sizes = tiff.GetField(tiled ? TiffTag.TILEBYTECOUNTS : TiffTag.STRIPBYTECOUNTS);
        return offsets is [var offset, ..] && sizes is [var size, ..]
            && offset.TolongArray() is { } starts && size.TolongArray() is { } lengths
            && index < Math.Min(starts.Length, lengths.Length)
            ? (starts[index], lengths[index])
            : default;
    }

    private static ImageDecodeException Damaged(bool cutOff, string? name, string? detail, Exception? inner = null) => cutOff
        ? new ImageDecodeException(
            ImageDecodeError.Truncated, name, "the file ends too early. Was it copied or downloaded completely?", inner)
        : new ImageDecodeException(
            ImageDecodeError.Corrupt, name, $"the TIFF is damaged ({detail ?? "its data cannot be decompressed"}).", inner);
}

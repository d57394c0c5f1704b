using BitMiracle.LibTiff.Classic;

namespace TransferKit.Imaging;

/// <summary>Reads the first page of a TIFF with LibTiff: grey, palette, RGB and CMYK of up to 8 bits, strips or tiles.</summary>
internal static class TiffDecoder
{
    public static unsafe RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options)
    {
        fixed (byte* bytes = encoded)
        {
            using var stream = new UnmanagedMemoryStream(bytes, encoded.Length);
            using var quiet = TiffSilence.Begin();
            try
            {
                using var tiff = Tiff.ClientOpen(name ?? "image", "r", stream, new TiffStream())
                    ?? throw Damaged(DirectoryIsMissing(encoded), name, quiet.FirstError);
                return Decode(tiff, encoded.Length, name, options, quiet);
            }
            // LibTiff trips over damaged files in many ways.
            catch (Exception e) when (e is not (ImageDecodeException or OutOfMemoryException))
            {
                throw Damaged(DirectoryIsMissing(encoded), name, e.Message, e);
            }
        }
    }

    private static RgbImage Decode(
        Tiff tiff, long fileLength, string? name, ImageDecodeOptions options, TiffSilence quiet)
    {
        int width = Field(tiff, TiffTag.IMAGEWIDTH, 0), height = Field(tiff, TiffTag.IMAGELENGTH, 0);
        ImageLimits.Check(width, height, name, options);
        var layout = TiffPixels.Of(tiff, name);
        var rgb = GC.AllocateUninitializedArray<byte>(width * height * 3);
        // A picture or a tile that is not covered stays black, as in Pillow.
        Array.Clear(rgb);

        var tiled = tiff.IsTiled();
        var pieceWidth = tiled ? Field(tiff, TiffTag.TILEWIDTH, 0) : width;
        var pieceHeight = tiled ? Field(tiff, TiffTag.TILELENGTH, 0) : Math.Min(Field(tiff, TiffTag.ROWSPERSTRIP, height), height);
        if (pieceHeight < 1)
        {
            pieceHeight = height;
        }
        ImageLimits.Check(pieceWidth, pieceHeight, name, options);
        var size = tiled ? tiff.TileSize() : tiff.StripSize();
        var rowSize = tiled ? tiff.TileRowSize() : tiff.ScanlineSize();
        if (size < 1 || rowSize < layout.RowBytes(pieceWidth) || (long)rowSize * pieceHeight > size)
        {
            throw Damaged(false, name, "strips or tiles do not fit the picture");
        }
        var buffer = new byte[size];
        for (var plane = 0; plane < layout.Planes; plane++)
        {
            for (var y = 0; y < height; y += pieceHeight)
            {
                for (var x = 0; x < width; x += pieceWidth)
                {
                    var rows = Math.Min(pieceHeight, height - y);
                    var index = tiled
                        ? tiff.ComputeTile(x, y, 0, (short)plane)
                        : tiff.ComputeStrip(y, (short)plane);
                    var expected = tiled ? size : rows * rowSize;
                    var got = tiled
                        ? tiff.ReadEncodedTile(index, buffer, 0, size)
                        : tiff.ReadEncodedStrip(index, buffer, 0, expected);
                    if (got < expected || quiet.FirstError is not null)
                    {
                        throw Damaged(PieceIsMissing(tiff, tiled, index, fileLength), name, quiet.FirstError);
                    }
                    var columns = Math.Min(pieceWidth, width - x);
                    for (var row = 0; row < rows; row++)
                    {
                        var to = rgb.AsSpan((((y + row) * width) + x) * 3, columns * 3);
                        layout.Convert(buffer.AsSpan(row * rowSize, rowSize), to, plane);
                    }
                }
            }
        }
        return ExifOrientation.Apply(RgbImage.FromRgb24(width, height, rgb), Field(tiff, TiffTag.ORIENTATION, 1));
    }

    internal static int Field(Tiff tiff, TiffTag tag, int otherwise) =>
        tiff.GetFieldDefaulted(tag) is [var value, ..] ? value.ToInt() : otherwise;

    /// <summary>The directory often lies at the end, so a file that was cut off has lost it.</summary>
    private static bool DirectoryIsMissing(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length < 8)
        {
            return true;
        }
        var at = encoded.Slice(4, 4);
        var offset = encoded[0] == (byte)'I'
            ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(at)
            : System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(at);
        return offset + 2L > encoded.Length;
    }

    private static bool PieceIsMissing(Tiff tiff, bool tiled, int index, long fileLength)
    {
        var offsets = tiff.GetField(tiled ? TiffTag.TILEOFFSETS : TiffTag.STRIPOFFSETS);
        var sizes = tiff.GetField(tiled ? TiffTag.TILEBYTECOUNTS : TiffTag.STRIPBYTECOUNTS);
        return offsets is [var offset, ..] && sizes is [var size, ..]
            && offset.TolongArray() is { } at && size.TolongArray() is { } count
            && index < at.Length && index < count.Length
            && at[index] + count[index] > fileLength;
    }

    private static ImageDecodeException Damaged(bool cutOff, string? name, string? detail, Exception? inner = null) => cutOff
        ? new ImageDecodeException(
            ImageDecodeError.Truncated, name, "the file ends too early. Was it copied or downloaded completely?", inner)
        : new ImageDecodeException(
            ImageDecodeError.Corrupt, name, $"the TIFF is damaged ({detail ?? "its data cannot be decompressed"}).", inner);
}

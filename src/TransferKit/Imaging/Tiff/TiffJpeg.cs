using BitMiracle.LibTiff.Classic;
using TransferKit.Imaging.Decoding;
using TransferKit.Imaging.Pictures;
using LibTiff = BitMiracle.LibTiff.Classic.Tiff;

namespace TransferKit.Imaging.Tiff;

/// <summary>
/// Decodes JPEGs within a TIFF with the decoder of JPEG files. LibTiff's own decoder repeats halved chroma, where Pillow's libjpeg smooths
/// it.
/// </summary>
internal sealed class TiffJpeg
{
    private readonly LibTiff _tiff;
    private readonly byte[] _head;
    private readonly string? _name;
    private readonly ImageDecodeOptions _options;

    private TiffJpeg(LibTiff tiff, byte[] head, string? name, ImageDecodeOptions options) =>
        (_tiff, _head, _name, _options) = (tiff, head, name, options);

    /// <summary>
    /// Creates the decoder, or returns null for a TIFF of another compression or of other samples than three colours in one plane.
    /// </summary>
    public static TiffJpeg? Of(LibTiff tiff, string? name, ImageDecodeOptions options)
    {
        var samples = TiffDecoder.Field(tiff, TiffTag.SAMPLESPERPIXEL, 1);
        if (TiffDecoder.Field(tiff, TiffTag.COMPRESSION, 1) != (int)Compression.JPEG || samples != 3
            || TiffDecoder.Field(tiff, TiffTag.PLANARCONFIG, 1) == (int)PlanarConfig.SEPARATE)
        {
            return null;
        }
        // Adobe's segment determines whether the components are chroma. It is set from the TIFF's tag, which takes precedence over the
        // JPEG.
        var isYcc = tiff.GetField(TiffTag.PHOTOMETRIC) is [var value, ..] && value.ToInt() == (int)Photometric.YCBCR;
        ReadOnlySpan<byte> tables = tiff.GetField(TiffTag.JPEGTABLES) is [_, var bytes, ..] ? bytes.GetBytes() : [];
        // The tables are a JPEG of their own, between a start and an end marker.
        tables = tables.Length > 4 ? tables[2..^2] : [];
        byte[] head = [0xFF, 0xD8, 0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, (byte)(isYcc ? 1 : 0), .. tables];
        return new(tiff, head, name, options);
    }

    /// <summary>Decodes a strip or tile.</summary>
    /// <param name="index">Index of the strip or tile.</param>
    /// <param name="length">Number of its bytes.</param>
    /// <param name="target">The picture from the piece's first pixel on.</param>
    /// <param name="width">Number of pixels in a row of the picture.</param>
    /// <param name="size">Size of the part of the piece that lies in the picture.</param>
    /// <param name="watch">Watch that is checked every few rows.</param>
    public void Decode(int index, int length, Span<byte> target, int width, ImageSize size, in DecodeWatch watch)
    {
        var raw = new byte[length];
        var read = _tiff.IsTiled() ? _tiff.ReadRawTile(index, raw, 0, length) : _tiff.ReadRawStrip(index, raw, 0, length);
        if (read < length || length < 2)
        {
            throw ImageDecodeException.CutOff(_name);
        }
        byte[] jpeg = [.. _head, .. raw.AsSpan(2)];
        var piece = DecodedPixels.Decode(
            ImageFormat.Jpeg, jpeg, _name, _options with { ApplyExifOrientation = false, Draft = false }, in watch);
        if (piece.Width < size.Width || piece.Height < size.Height)
        {
            throw ImageDecodeException.Corrupt(_name, "a strip or tile of the TIFF is smaller than it says");
        }
        for (var y = 0; y < size.Height; y++)
        {
            piece.Pixels.Span.Slice(y * piece.Width * 3, size.Width * 3).CopyTo(target[(y * width * 3)..]);
        }
    }
}

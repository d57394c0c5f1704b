using BitMiracle.LibTiff.Classic;
using TransferKit.Imaging.Decoding;
using TransferKit.Imaging.Pictures;
using LibTiff = BitMiracle.LibTiff.Classic.Tiff;

namespace TransferKit.Imaging.Tiff;

/// <summary>
/// Decodes strips and tiles that are JPEGs or WebPs with the decoders of such files. LibTiff's own JPEG decoder repeats halved chroma,
/// where Pillow's libjpeg smooths it, and LibTiff has none for WebP.
/// </summary>
internal sealed class TiffPieces
{
    /// <summary>The number of a compression that LibTiff does not know.</summary>
    public const int WebP = 50001;

    private readonly LibTiff _tiff;
    private readonly ImageFormat _format;
    private readonly byte[] _head;
    private readonly string? _name;
    private readonly ImageDecodeOptions _options;

    private TiffPieces(LibTiff tiff, ImageFormat format, byte[] head, string? name, ImageDecodeOptions options) =>
        (_tiff, _format, _head, _name, _options) = (tiff, format, head, name, options);

    /// <summary>
    /// Creates the decoder, or returns null for a TIFF of another compression, or a JPEG of other samples than three colours in one plane.
    /// </summary>
    /// <exception cref="ImageDecodeException">
    /// The pieces are WebPs, which hold three or four samples a pixel, and the TIFF says otherwise.
    /// </exception>
    public static TiffPieces? Of(LibTiff tiff, string? name, ImageDecodeOptions options)
    {
        var samples = TiffDecoder.Field(tiff, TiffTag.SAMPLESPERPIXEL, 1);
        var isSeparate = TiffDecoder.Field(tiff, TiffTag.PLANARCONFIG, 1) == (int)PlanarConfig.SEPARATE;
        var compression = TiffDecoder.Field(tiff, TiffTag.COMPRESSION, 1);
        if (compression == WebP)
        {
            return samples is 3 or 4 && !isSeparate && TiffDecoder.Field(tiff, TiffTag.BITSPERSAMPLE, 1) == 8
                ? new(tiff, ImageFormat.WebP, [], name, options)
                : throw ImageDecodeException.Corrupt(name, "its strips are WebPs of other samples than the TIFF says");
        }
        if (compression != (int)Compression.JPEG || samples != 3 || isSeparate)
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
        return new(tiff, ImageFormat.Jpeg, head, name, options);
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
        // The tables of a JPEG come before its own, behind the start marker.
        byte[] encoded = _format == ImageFormat.Jpeg ? [.. _head, .. raw.AsSpan(2)] : raw;
        var piece = DecodedPixels.Decode(
            _format, encoded, _name, _options with { ApplyExifOrientation = false, Draft = false, DctMethod = null }, in watch);
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

using TransferKit.Imaging.Decoding;
using TransferKit.Imaging.Pictures;
using TransferKit.Imaging.Tiff;

namespace TransferKit;

/// <summary>
/// Represents the default decoder. It decodes JPEG, GIF, BMP and PNM with code of its own, PNG and WebP with SkiaSharp, and TIFF with
/// LibTiff. Its pixels equal Pillow's <c>Image.open(...).convert("RGB")</c>.
/// </summary>
/// <remarks>
/// SkiaSharp also decodes rare JPEGs: those of four components, arithmetic codes or unusual sampling. The decoder has no state
/// and is thread-safe. As in Pillow, colour profiles and PNG gamma are ignored, and a colour PNG of 16 bits keeps its upper 8. Grey of 16
/// bits is refused, because Pillow clips it.
/// </remarks>
public sealed class SkiaImageDecoder : IImageDecoder
{
    /// <inheritdoc/>
    public bool CanDecode(ReadOnlySpan<byte> header) => ImageFormats.Recognise(header) != ImageFormat.Unknown;

    /// <inheritdoc/>
    public ImageDecodeException Declined(ReadOnlySpan<byte> header, string? name) => ForeignFormat.Error(header, name);

    /// <inheritdoc/>
    public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options) => Decode(encoded, name, options, default);

    /// <inheritdoc/>
    public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var watch = DecodeWatch.Start(name, options, cancellationToken);
        var format = FormatOf(encoded, name, options);
        return format == ImageFormat.Tiff
            ? TiffDecoder.Decode(encoded, name, options, in watch)
            : DecodedPixels.Decode(format, encoded, name, options, in watch);
    }

    /// <inheritdoc/>
    /// <remarks>If the format allows, the image is resized row by row while it is decoded and is never whole in memory.</remarks>
    public void Decode(
        ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, ImageResize resize, Span<byte> target,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(resize);
        resize.Check(target);
        var watch = DecodeWatch.Start(name, options, cancellationToken);
        var format = FormatOf(encoded, name, options);
        if (format == ImageFormat.Tiff)
        {
            TiffDecoder.Decode(encoded, name, options, in watch).Resize(resize, target, in watch);
        }
        else
        {
            DecodedPixels.Decode(format, encoded, name, options, resize, target, in watch);
        }
    }

    private static ImageFormat FormatOf(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options)
    {
        if (encoded.IsEmpty)
        {
            throw ImageDecodeException.Empty(name);
        }
        ImageLimits.CheckBytes(encoded.Length, name, options);
        var format = ImageFormats.Recognise(encoded);
        return format switch
        {
            ImageFormat.Unknown => throw ForeignFormat.Error(encoded, name),
            ImageFormat.Png when IsGreyOf16Bits(encoded) => throw new ImageDecodeException(
                ImageDecodeError.Unsupported, name,
                "the image is a grey PNG of 16 bits, which Pillow would clip at 255. Convert it to 8 bits with the range that you choose."),
            _ => format,
        };
    }

    /// <summary>The header chunk with bit depth and colour type is the first chunk of a PNG.</summary>
    private static bool IsGreyOf16Bits(ReadOnlySpan<byte> png) => png.Length > 25 && png[24] == 16 && png[25] == 0;
}

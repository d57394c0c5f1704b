using TransferKit.Imaging.Decoding;
using TransferKit.Imaging.Pictures;
using TransferKit.Imaging.Tiff;

namespace TransferKit;

/// <summary>
/// The default decoder: JPEG, GIF and BMP with code of TransferKit's own, PNG and WebP with SkiaSharp, TIFF with LibTiff. Its pixels are
/// Pillow's <c>Image.open(...).convert("RGB")</c>, byte for byte.
/// </summary>
/// <remarks>
/// JPEGs of rare kinds go to SkiaSharp as well: of four components, arithmetic codes or unusual sampling, and those that are damaged.
/// Holds no state and may be used from any number of threads. As in Pillow, colour profiles and PNG gamma are ignored
/// and a colour PNG of 16 bits keeps its upper 8. Grey of 16 bits is refused, since Pillow clips it.
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
    /// <remarks>The image is resized row by row while it is decoded where its format allows: it is never whole in memory then.</remarks>
    public void Decode(
        ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, ImageSize size, Interpolation filter, Span<byte> target,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ResizeTarget.Check(size, filter, target);
        var watch = DecodeWatch.Start(name, options, cancellationToken);
        var format = FormatOf(encoded, name, options);
        if (format == ImageFormat.Tiff)
        {
            TiffDecoder.Decode(encoded, name, options, in watch).Resize(size, filter, target, in watch);
        }
        else
        {
            DecodedPixels.Decode(format, encoded, name, options, size, filter, target, in watch);
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
                "a grey PNG of 16 bits. Pillow would clip it at 255; convert it to 8 bits, deciding how its range maps."),
            _ => format,
        };
    }

    /// <summary>Bit depth and colour type of the PNG's header chunk, which comes first.</summary>
    private static bool IsGreyOf16Bits(ReadOnlySpan<byte> png) => png.Length > 25 && png[24] == 16 && png[25] == 0;
}

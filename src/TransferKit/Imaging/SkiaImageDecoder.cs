namespace TransferKit.Imaging;

/// <summary>
/// The default decoder: JPEG with code of TransferKit's own, PNG, BMP, GIF and WebP with SkiaSharp, TIFF with LibTiff. Its pixels are Pillow's
/// <c>Image.open(...).convert("RGB")</c>, byte for byte.
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
    public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var format = FormatOf(encoded, name);
        return format == ImageFormat.Tiff ? TiffDecoder.Decode(encoded, name, options) : DecodedPixels.Decode(format, encoded, name, options);
    }

    /// <summary>Decodes a picture to another size, row by row where its format allows: it is never whole in memory then.</summary>
    internal static void Decode(
        ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, ImageSize size, Interpolation filter, Span<byte> target)
    {
        var format = FormatOf(encoded, name);
        if (format == ImageFormat.Tiff)
        {
            TiffDecoder.Decode(encoded, name, options).Resize(size.Width, size.Height, filter, target);
        }
        else
        {
            DecodedPixels.Decode(format, encoded, name, options, size, filter, target);
        }
    }

    private static ImageFormat FormatOf(ReadOnlySpan<byte> encoded, string? name)
    {
        if (encoded.IsEmpty)
        {
            throw ImageDecodeException.Empty(name);
        }
        var format = ImageFormats.Recognise(encoded);
        return format switch
        {
            ImageFormat.Unknown => throw ImageDecodeException.NotAnImage(name),
            ImageFormat.Png when IsGreyOf16Bits(encoded) => throw new ImageDecodeException(
                ImageDecodeError.Unsupported, name,
                "a grey PNG of 16 bits. Pillow would clip it at 255; convert it to 8 bits, deciding how its range maps."),
            ImageFormat.Bmp when IsOf16Bits(encoded) => throw new ImageDecodeException(
                ImageDecodeError.Unsupported, name, "a BMP of 16 bits a pixel. Save it with 24 bits."),
            _ => format,
        };
    }

    /// <summary>Bit depth and colour type of the PNG's header chunk, which comes first.</summary>
    private static bool IsGreyOf16Bits(ReadOnlySpan<byte> png) => png.Length > 25 && png[24] == 16 && png[25] == 0;

    /// <summary>Skia widens 5 and 6 bits by other rules than Pillow.</summary>
    private static bool IsOf16Bits(ReadOnlySpan<byte> bmp) => bmp.Length > 28 && bmp[14] >= 40 && bmp[28] == 16;
}

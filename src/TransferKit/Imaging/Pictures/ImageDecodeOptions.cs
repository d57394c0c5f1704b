namespace TransferKit;

/// <summary>Represents options of decoding images, with limits on its cost. The defaults follow Keras and Pillow.</summary>
public sealed record ImageDecodeOptions
{
    private readonly long _maxPixels = 178_956_970;
    private readonly long _maxBytes = Array.MaxLength;
    private readonly int _maxScans = 100;
    private readonly TimeSpan? _timeout;

    /// <summary>Gets options for files from untrusted users: at most 25 million pixels, 64 million bytes and 2 seconds a picture.</summary>
    /// <example><code>var options = ImageDecodeOptions.ForUploads with { ApplyExifOrientation = true };</code></example>
    public static ImageDecodeOptions ForUploads { get; } =
        new() { MaxPixels = 25_000_000, MaxBytes = 64_000_000, Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>
    /// Gets whether a JPEG may be scaled down while it is decoded, to no less than the backbone's input. It is faster for photos, but the
    /// pixels differ from those seen in training. Defaults to false.
    /// </summary>
    /// <remarks>
    /// The scale is a half, a quarter or an eighth and is applied to the JPEG's frequencies. Sizes and pixels equal those of Pillow's
    /// <c>Image.draft</c>. The option has no effect on other formats, nor without a requested size, as in <c>RgbImage.Load</c>.
    /// </remarks>
    public bool Draft { get; init; }

    /// <summary>
    /// Gets whether the picture is turned upright by its EXIF orientation, as by Pillow's <c>ImageOps.exif_transpose</c>. Defaults to
    /// false, as in Keras' <c>load_img</c>.
    /// </summary>
    /// <remarks>The orientation of a TIFF is always applied, because Pillow applies it when it loads one.</remarks>
    public bool ApplyExifOrientation { get; init; }

    /// <summary>
    /// Gets the largest width x height that is decoded, at least 1. Defaults to 178,956,970, above which Pillow refuses an image as a
    /// decompression bomb.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public long MaxPixels
    {
        get => _maxPixels;
        init => _maxPixels = value >= 1 ? value : throw OutOfRange(nameof(MaxPixels), value, "at least 1");
    }

    /// <summary>
    /// Gets the largest size of an encoded image in bytes, at least 1. Defaults to the largest array, about 2 GB; Pillow has no such limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public long MaxBytes
    {
        get => _maxBytes;
        init => _maxBytes = value >= 1 ? value : throw OutOfRange(nameof(MaxBytes), value, "at least 1");
    }

    /// <summary>
    /// Gets the largest number of scans in a JPEG, at least 1. Defaults to 100. Encoders write about ten, and each scan costs a pass over
    /// the whole picture, however few its bytes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int MaxScans
    {
        get => _maxScans;
        init => _maxScans = value >= 1 ? value : throw OutOfRange(nameof(MaxScans), value, "at least 1");
    }

    /// <summary>
    /// Gets the longest time that decoding and resizing one image may take, without reading the file. Defaults to null, which means no
    /// limit.
    /// </summary>
    /// <remarks>
    /// Decoders of most formats check the time every few rows. PNG, WebP and damaged JPEGs are decoded by one call of a native library,
    /// after which the time is checked. <see cref="MaxPixels"/> and <see cref="MaxScans"/> bound that call.
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

namespace TransferKit.Imaging.Pictures;

/// <summary>Refuses an image by what it declares, before any memory is allocated for it.</summary>
internal static class ImageLimits
{
    /// <summary>
    /// The largest working memory of a resize. Only pictures of hundreds of thousands of pixels in a row or column need more.
    /// </summary>
    public const long MostResizeBytes = 1 << 26;

    public static void Check(long width, long height, string? name, ImageDecodeOptions options)
    {
        if (width < 1 || height < 1)
        {
            throw new ImageDecodeException(
                ImageDecodeError.Corrupt, name, $"the image says that it has {width} x {height} pixels.");
        }
        if (!Allow(width, height, options))
        {
            var most = Most(options);
            throw new ImageDecodeException(
                ImageDecodeError.TooLarge, name,
                $"the image has {width} x {height} pixels, more than the {most} that are allowed. "
                + $"Shrink it, or raise {nameof(ImageDecodeOptions)}.{nameof(ImageDecodeOptions.MaxPixels)} if you trust it.");
        }
    }

    public static bool Allow(long width, long height, ImageDecodeOptions options) => width <= Most(options) / height;

    public static void CheckBytes(long bytes, string? name, ImageDecodeOptions options)
    {
        if (bytes > options.MaxBytes)
        {
            throw TooManyBytes(name, options);
        }
    }

    public static ImageDecodeException TooManyBytes(string? name, ImageDecodeOptions options) => new(
        ImageDecodeError.TooLarge, name,
        $"the encoded image has more than the {options.MaxBytes} bytes that are allowed. "
        + $"Shrink it, or raise {nameof(ImageDecodeOptions)}.{nameof(ImageDecodeOptions.MaxBytes)} if you trust it.");

    /// <summary>Returns the largest number of pixels. Four bytes a pixel must fit into one array, whatever the options allow.</summary>
    private static long Most(ImageDecodeOptions options) => Math.Min(options.MaxPixels, Array.MaxLength / 4);
}

namespace TransferKit.Imaging;

/// <summary>Refuses an image by its declared size, before any memory is taken for it.</summary>
internal static class ImageLimits
{
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

    /// <summary>Whatever the options allow, four bytes a pixel have to fit one array.</summary>
    private static long Most(ImageDecodeOptions options) => Math.Min(options.MaxPixels, Array.MaxLength / 4);
}

namespace TransferKit.Imaging.Pictures;

/// <summary>
/// To which part of its size a JPEG may be decoded, as samples that are made of a block of eight by eight: 8, 4, 2 or 1 in each direction.
/// </summary>
internal static class JpegScale
{
    public const int Whole = 8;

    /// <summary>The smallest that is not smaller than what is wanted, by the rule of Pillow's <c>Image.draft</c>.</summary>
    /// <param name="width">The picture's width as it is coded.</param>
    /// <param name="height">Its height.</param>
    /// <param name="orientation">EXIF's, as far as it counts.</param>
    /// <param name="options">Whether it may be scaled at all.</param>
    /// <param name="wanted">The size that it will be brought to, upright; null where nobody knows.</param>
    public static int For(int width, int height, int orientation, ImageDecodeOptions options, ImageSize? wanted)
    {
        if (!options.Fast || wanted is not { } size)
        {
            return Whole;
        }
        var isTurned = orientation >= 5;
        var most = Math.Min(width / (isTurned ? size.Height : size.Width), height / (isTurned ? size.Width : size.Height));
        return most switch { >= 8 => 1, >= 4 => 2, >= 2 => 4, _ => Whole };
    }

    /// <summary>A width or height at a scale.</summary>
    public static int Scaled(int length, int scale) => ((length * scale) + Whole - 1) / Whole;
}

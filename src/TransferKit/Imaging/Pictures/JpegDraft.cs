namespace TransferKit.Imaging.Pictures;

/// <summary>
/// Determines the scale of a JPEG's draft, as Pillow calls a picture scaled while it is decoded. A scale is the number of samples, 8, 4, 2 or 1, that an 8 x 8 block gives in each
/// direction.
/// </summary>
internal static class JpegDraft
{
    public const int Whole = 8;

    /// <summary>
    /// Returns the smallest scale whose picture is at least as large as the requested size, by the rule of Pillow's <c>Image.draft</c>.
    /// </summary>
    /// <param name="width">Width of the encoded picture.</param>
    /// <param name="height">Height of the encoded picture.</param>
    /// <param name="orientation">EXIF orientation, or 1 if it is ignored.</param>
    /// <param name="options">Options, which say whether drafts are allowed.</param>
    /// <param name="wanted">Requested size of the upright picture; null if the caller has none.</param>
    public static int ScaleFor(int width, int height, int orientation, ImageDecodeOptions options, ImageSize? wanted)
    {
        if (!options.Draft || wanted is not { } size)
        {
            return Whole;
        }
        var isTurned = orientation >= 5;
        var most = Math.Min(width / (isTurned ? size.Height : size.Width), height / (isTurned ? size.Width : size.Height));
        return most switch { >= 8 => 1, >= 4 => 2, >= 2 => 4, _ => Whole };
    }

    /// <summary>Returns a width or height at a scale.</summary>
    public static int Scaled(int length, int scale) => ((length * scale) + Whole - 1) / Whole;
}

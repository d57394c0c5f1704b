namespace TransferKit.Imaging.Pictures;

/// <summary>Turns a picture upright.</summary>
internal static class ExifOrientation
{
    public static bool IsUpright(int orientation) => orientation is < 2 or > 8;

    /// <summary>
    /// Undoes EXIF orientation 1 to 8, as Pillow's <c>exif_transpose</c> does; any other value means upright. A pooled source image is
    /// returned to the pool.
    /// </summary>
    public static RgbImage Apply(RgbImage image, int orientation, bool isPooled)
    {
        if (IsUpright(orientation))
        {
            return image;
        }
        int width = image.Width, height = image.Height;
        // These are the source position of the result's first pixel and the source steps for one step right or down in the result.
        var (origin, right, down) = orientation switch
        {
            2 => (width - 1, -1, width),
            3 => ((width * height) - 1, -1, -width),
            4 => (width * (height - 1), 1, -width),
            5 => (0, width, 1),
            6 => (width * (height - 1), -width, 1),
            7 => ((width * height) - 1, -width, -1),
            _ => (width - 1, width, -1),
        };
        var (turnedWidth, turnedHeight) = orientation >= 5 ? (height, width) : (width, height);
        var source = image.Pixels.Span;
        var upright = RgbImage.Create(turnedWidth, turnedHeight, isPooled, out var turned);
        var at = 0;
        for (var y = 0; y < turnedHeight; y++)
        {
            var from = origin + (y * down);
            for (var x = 0; x < turnedWidth; x++, at += 3, from += right)
            {
                source.Slice(from * 3, 3).CopyTo(turned[at..]);
            }
        }
        image.ReturnMemory();
        return upright;
    }
}

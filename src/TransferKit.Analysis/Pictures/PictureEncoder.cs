using SkiaSharp;

namespace TransferKit.Analysis.Pictures;

/// <summary>Encodes pictures for pages and files.</summary>
internal static class PictureEncoder
{
    private const int JpegQuality = 80;

    public static byte[] Png(RgbImage image) => Encode(image, SKEncodedImageFormat.Png, 100);

    /// <summary>Returns the address of a small JPEG of the picture that an HTML page holds in itself.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="side">The greatest side of the small picture, in pixels.</param>
    public static string DataUri(RgbImage image, int side)
    {
        var scale = Math.Min(1, (double)side / Math.Max(image.Width, image.Height));
        var small = image.Resize(
            Math.Max(1, (int)(image.Width * scale)), Math.Max(1, (int)(image.Height * scale)), Interpolation.Bilinear);
        return $"data:image/jpeg;base64,{Convert.ToBase64String(Encode(small, SKEncodedImageFormat.Jpeg, JpegQuality))}";
    }

    private static byte[] Encode(RgbImage image, SKEncodedImageFormat format, int quality)
    {
        // Skia encodes no three bytes a pixel, so each gets a fourth that is ignored.
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgb888x, SKAlphaType.Opaque));
        var pixels = image.Pixels.Span;
        var target = bitmap.GetPixelSpan();
        for (var i = 0; i < image.Width * image.Height; i++)
            pixels.Slice(i * 3, 3).CopyTo(target[(i * 4)..]);
        using var data = bitmap.Encode(format, quality);
        return data.ToArray();
    }
}

using SkiaSharp;

namespace TransferKit.Imaging.Skia;

/// <summary>Encodes pictures for pages and files.</summary>
internal static class PictureEncoder
{
    private const int JpegQuality = 80;
    private const int BytesOfPixel = 4;

    public static byte[] Png(RgbImage image) => Encode(image, SKEncodedImageFormat.Png, 100);

    public static byte[] Jpeg(RgbImage image) => Encode(image, SKEncodedImageFormat.Jpeg, JpegQuality);

    /// <summary>Returns the picture without change, or smaller, so that no side has more pixels than are given.</summary>
    public static RgbImage Shrunk(RgbImage image, int side)
    {
        var scale = Math.Min(1, (double)side / Math.Max(image.Width, image.Height));
        return image.Resize(
            Math.Max(1, (int)(image.Width * scale)), Math.Max(1, (int)(image.Height * scale)), Interpolation.Bilinear);
    }

    private static byte[] Encode(RgbImage image, SKEncodedImageFormat format, int quality)
    {
        // Skia encodes no three bytes a pixel, so each gets a fourth that is ignored.
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgb888x, SKAlphaType.Opaque));
        var pixels = image.Pixels.Span;
        var target = bitmap.GetPixelSpan();
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            pixels.Slice(i * 3, 3).CopyTo(target[(i * BytesOfPixel)..]);
        }
        using var data = bitmap.Encode(format, quality);
        return data.ToArray();
    }
}

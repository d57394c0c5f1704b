using System.Runtime.CompilerServices;
using Microsoft.ML.Data;
using SkiaSharp;

namespace TransferKit.ML;

/// <summary>Copies images of ML.NET to TransferKit's.</summary>
internal static class Pictures
{
    /// <exception cref="ImageDecodeException">There is no image in the row, or its format is unknown.</exception>
    public static RgbImage Of(MLImage? image, long row)
    {
        if (image is null)
            throw new ImageDecodeException(ImageDecodeError.Empty, $"row {row}", "the row has no image.");
        var pixels = Bitmap(image).GetPixelSpan();
        var (red, blue) = image.PixelFormat switch
        {
            MLPixelFormat.Rgba32 => (0, 2),
            MLPixelFormat.Bgra32 => (2, 0),
            _ => throw new ImageDecodeException(
                ImageDecodeError.Unsupported, $"row {row}", $"the MLImage has the pixel format {image.PixelFormat}; use Bgra32 or Rgba32."),
        };
        var rgb = new byte[pixels.Length / 4 * 3];
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
            (rgb[to], rgb[to + 1], rgb[to + 2]) = (pixels[from + red], pixels[from + 1], pixels[from + blue]);
        return RgbImage.FromRgb24(image.Width, image.Height, rgb);
    }

    // MLImage.Pixels calls a method that SkiaSharp has had with another signature since version 3, so its bitmap is asked instead.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_image")]
    private static extern ref SKBitmap Bitmap(MLImage image);
}

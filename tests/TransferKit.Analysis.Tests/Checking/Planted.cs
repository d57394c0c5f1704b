using System.Text;
using SkiaSharp;
using TransferKit.Tests;

namespace TransferKit.Analysis.Tests.Checking;

/// <summary>Writes pictures that are parts of photos, and copies of them.</summary>
internal static class Planted
{
    private static readonly string[] Photos =
        ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "hubble_deep_field.jpg", "grace_hopper.jpg", "camera.png"];

    /// <summary>Returns parts of photos, 128 pixels a side, which do not overlap.</summary>
    public static IReadOnlyList<RgbImage> Parts(int side = 128)
    {
        var parts = new List<RgbImage>();
        foreach (var photo in Photos.Select(p => RgbImage.Load(Goldens.Path("images", p))))
        {
            for (var y = 0; y + side <= photo.Height; y += side)
            {
                for (var x = 0; x + side <= photo.Width; x += side)
                    parts.Add(Crop(photo, x, y, side, side));
            }
        }
        return parts;
    }

    public static RgbImage Crop(RgbImage image, int left, int top, int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
            image.Pixels.Span.Slice(((top + y) * image.Width + left) * 3, width * 3).CopyTo(pixels.AsSpan(y * width * 3));
        return RgbImage.FromRgb24(width, height, pixels);
    }

    /// <summary>Saves a picture as PPM by its extension, else as JPEG with a quality, or as PNG without one.</summary>
    public static void Save(RgbImage image, string path, int quality = 0)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (path.EndsWith(".ppm", StringComparison.Ordinal))
        {
            File.WriteAllBytes(path, [.. Encoding.ASCII.GetBytes($"P6 {image.Width} {image.Height} 255\n"), .. image.Pixels.Span]);
            return;
        }
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgb888x, SKAlphaType.Opaque));
        for (var i = 0; i < image.Width * image.Height; i++)
            image.Pixels.Span.Slice(i * 3, 3).CopyTo(bitmap.GetPixelSpan()[(i * 4)..]);
        using var data = bitmap.Encode(quality == 0 ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, quality);
        File.WriteAllBytes(path, data.ToArray());
    }
}

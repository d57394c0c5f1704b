using SkiaSharp;

namespace TransferKit.OtherEngines;

/// <summary>Creates JPEGs of a camera's sizes from tiled sample pictures at full size, which have the detail of photos.</summary>
internal static class JpegFolder
{
    private static readonly (int Width, int Height)[] Sizes = [(800, 600), (1280, 960), (1600, 1200), (2000, 1500)];

    /// <summary>Writes <paramref name="count"/> files of quality 90 and returns their mean number of pixels.</summary>
    public static double Write(string samples, string folder, int count)
    {
        Directory.CreateDirectory(folder);
        var pictures = Directory.GetFiles(samples).Order(StringComparer.Ordinal).Select(SKImage.FromEncodedData).ToArray();
        for (var i = 0; i < count; i++)
        {
            var (width, height) = Sizes[i % Sizes.Length];
            using var surface = SKSurface.Create(new SKImageInfo(width, height));
            using var tiles = pictures[i / Sizes.Length % pictures.Length].ToShader(
                SKShaderTileMode.Mirror, SKShaderTileMode.Mirror, SKMatrix.CreateTranslation(-37 * i, -53 * i));
            using var paint = new SKPaint { Shader = tiles };
            surface.Canvas.DrawPaint(paint);
            Save(surface, Path.Combine(folder, $"{i:000}.jpg"), SKEncodedImageFormat.Jpeg);
        }
        foreach (var picture in pictures)
            picture.Dispose();
        return Enumerable.Range(0, count).Average(i => (double)Sizes[i % Sizes.Length].Width * Sizes[i % Sizes.Length].Height);
    }

    /// <summary>Writes the samples as PNGs of a network's input size, which every decoder decodes to the same pixels.</summary>
    public static void WriteExact(string samples, string folder, int width, int height)
    {
        Directory.CreateDirectory(folder);
        foreach (var sample in Directory.GetFiles(samples))
        {
            using var picture = SKImage.FromEncodedData(sample);
            using var surface = SKSurface.Create(new SKImageInfo(width, height));
            surface.Canvas.DrawImage(picture, new SKRect(0, 0, width, height), new SKSamplingOptions(SKFilterMode.Linear));
            Save(surface, Path.Combine(folder, Path.GetFileNameWithoutExtension(sample) + ".png"), SKEncodedImageFormat.Png);
        }
    }

    private static void Save(SKSurface surface, string path, SKEncodedImageFormat format)
    {
        using var image = surface.Snapshot();
        using var data = image.Encode(format, 90);
        using var file = File.Create(path);
        data.SaveTo(file);
    }
}

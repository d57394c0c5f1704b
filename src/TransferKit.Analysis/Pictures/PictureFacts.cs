using System.IO.Hashing;
using System.Runtime.InteropServices;
using TransferKit.Imaging;
using TransferKit.Imaging.Skia;

namespace TransferKit.Analysis.Pictures;

/// <summary>Represents what the bytes and pixels of a picture file state.</summary>
internal sealed record PictureFacts
{
    // Blur is judged at this size, because a large photo is sharp at a screen's size long before it is at its own.
    private const int WorkSide = 256;

    /// <summary>Gets the hash of the file's bytes.</summary>
    public required UInt128 Bytes { get; init; }

    /// <summary>Gets the hash of the size and the pixels.</summary>
    public required UInt128 Pixels { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required Thumbnail Thumbnail { get; init; }

    /// <summary>Gets the standard deviation of the grey pixels, 0..127.5.</summary>
    public required double Contrast { get; init; }

    /// <summary>
    /// Gets the variance of the Laplacian relative to that of the grey pixels, at up to 256 pixels a side. It is higher for a sharper
    /// picture.
    /// </summary>
    public required double Sharpness { get; init; }

    /// <summary>Reads a picture.</summary>
    /// <exception cref="ImageDecodeException">The file is no readable picture.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static PictureFacts Read(string path, ImageLoadOptions images, CancellationToken cancellationToken)
    {
        // Only the way to read matters here: no size of crop fits all pictures.
        using var file = (images with { CropFrom = null }).FittingTo(new(WorkSide, WorkSide)).ReadListed(path);
        var image = Decode(file, images, cancellationToken);
        var pixels = new XxHash128();
        pixels.Append(MemoryMarshal.AsBytes<int>([image.Width, image.Height]));
        pixels.Append(image.Pixels.Span);
        var work = PictureEncoder.Shrunk(image, WorkSide);
        var (contrast, sharpness) = Measure(work);
        return new()
        {
            Bytes = XxHash128.HashToUInt128(file.Content),
            Pixels = pixels.GetCurrentHashAsUInt128(),
            Width = image.Width,
            Height = image.Height,
            Thumbnail = Thumbnail.Of(work),
            Contrast = contrast,
            Sharpness = sharpness,
        };
    }

    private static RgbImage Decode(EncodedFile file, ImageLoadOptions images, CancellationToken cancellationToken)
    {
        try
        {
            return images.Decoder.Decode(file.Content, file.Path, images.DecodeAsInTraining, cancellationToken);
        }
        catch (Exception e) when (ImageDecodeException.IsOfDecoder(e))
        {
            throw ImageDecodeException.OfDecoder(file.Path, e);
        }
    }

    private static (double Contrast, double Sharpness) Measure(RgbImage image)
    {
        var (width, height) = (image.Width, image.Height);
        var pixels = image.Pixels.Span;
        var grey = new float[width * height];
        for (var i = 0; i < grey.Length; i++)
            grey[i] = 0.299f * pixels[3 * i] + 0.587f * pixels[3 * i + 1] + 0.114f * pixels[3 * i + 2];
        var variance = Variance(grey);
        if (width < 3 || height < 3)
            return (Math.Sqrt(variance), 1);
        var edges = new float[(width - 2) * (height - 2)];
        for (var (y, at) = (1, 0); y < height - 1; y++)
        {
            for (var x = 1; x < width - 1; x++, at++)
            {
                var i = y * width + x;
                edges[at] = grey[i - 1] + grey[i + 1] + grey[i - width] + grey[i + width] - 4 * grey[i];
            }
        }
        return (Math.Sqrt(variance), variance == 0 ? 1 : Variance(edges) / variance);
    }

    private static double Variance(float[] numbers)
    {
        double sum = 0, squares = 0;
        foreach (var number in numbers)
        {
            sum += number;
            squares += (double)number * number;
        }
        var mean = sum / numbers.Length;
        return Math.Max(0, squares / numbers.Length - mean * mean);
    }
}

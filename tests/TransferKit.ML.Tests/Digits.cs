using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace TransferKit.Tests;

/// <summary>A row of data: a digit by the path of its file.</summary>
public sealed class DigitFile
{
    public string ImagePath { get; set; } = "";

    public string Label { get; set; } = "";
}

/// <summary>A row of data: a digit as an image of ML.NET.</summary>
public sealed class DigitImage
{
    [ImageType(8, 8)]
    public MLImage? Image { get; set; }

    public string Label { get; set; } = "";
}

/// <summary>A prediction, with what it was made from.</summary>
public sealed class DigitPrediction
{
    public string PredictedLabel { get; set; } = "";

    public float[] Features { get; set; } = [];
}

/// <summary>Provides handwritten digits: 200 to train on and 100 to test, as files in a temporary folder and as images.</summary>
public sealed class Digits : IDisposable
{
    private const int Columns = 20;
    private const int Side = 8;
    private const int Training = 200;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("transferkit-digits-");
    private readonly RgbImage _sheet = RgbImage.Load(Goldens.Path("digits", "digits.png"));
    private readonly string _labels = File.ReadAllText(Goldens.Path("digits", "labels.txt")).Trim();

    public Digits()
    {
        Files = [.. _labels.Select((label, i) => new DigitFile { ImagePath = Save(i), Label = $"{label}" })];
    }

    public IReadOnlyList<DigitFile> Files { get; }

    public IEnumerable<DigitFile> Train => Files.Take(Training);

    public IEnumerable<DigitFile> Test => Files.Skip(Training);

    public string Folder => _folder.FullName;

    /// <summary>Gets digits as images, which the caller disposes.</summary>
    public IReadOnlyList<DigitImage> Images(int count, MLPixelFormat format) =>
        [.. Enumerable.Range(0, count).Select(i => new DigitImage
        {
            Image = MLImage.CreateFromPixels(Side, Side, format, Pixels(i, channels: 4)),
            Label = $"{_labels[i]}",
        })];

    public void Dispose() => _folder.Delete(recursive: true);

    // A PPM needs no encoder.
    private string Save(int digit)
    {
        var path = Path.Combine(_folder.FullName, $"{digit:000}.ppm");
        File.WriteAllBytes(path, [.. "P6 8 8 255\n"u8, .. Pixels(digit, channels: 3)]);
        return path;
    }

    // Digits are grey, so the order of the channels plays no part; alpha is opaque.
    private byte[] Pixels(int digit, int channels)
    {
        var (top, left) = (digit / Columns * Side, digit % Columns * Side);
        var pixels = new byte[Side * Side * channels];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (pixel, channel) = (i / channels, i % channels);
            var at = (((top + (pixel / Side)) * _sheet.Width) + left + (pixel % Side)) * 3;
            pixels[i] = channel == 3 ? (byte)255 : _sheet.Pixels.Span[at];
        }
        return pixels;
    }
}

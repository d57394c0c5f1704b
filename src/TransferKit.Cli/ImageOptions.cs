using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>Defines the command-line options for the decoding and resizing of images.</summary>
internal sealed class ImageOptions
{
    public Option<Interpolation> Interpolation { get; } = new("--interpolation")
    {
        Description = "The resize filter: nearest, box, bilinear, hamming, bicubic or lanczos. Defaults to nearest, as in Keras.",
    };

    public Option<bool> ExifOrientation { get; } = new("--exif-orientation")
    {
        Description = "Rotate photos by their EXIF orientation, which Keras ignores.",
    };

    public Option<bool> Draft { get; } = new("--draft")
    {
        Description = "Scale large JPEGs down during decoding, as Pillow's draft does: faster, but with other pixels than Keras.",
    };

    public ImageLoadOptions Read(ParseResult parsed) => new()
    {
        Interpolation = parsed.GetValue(Interpolation),
        Decode = new() { ApplyExifOrientation = parsed.GetValue(ExifOrientation), Draft = parsed.GetValue(Draft) },
    };
}

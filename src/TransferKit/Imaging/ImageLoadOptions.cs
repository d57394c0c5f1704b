using TransferKit.Imaging;

namespace TransferKit;

/// <summary>How image files become pixels of a backbone's input size; the defaults are those of Keras' <c>load_img</c>.</summary>
public sealed record ImageLoadOptions
{
    // One for all, so that options that say the same are equal.
    private static readonly SkiaImageDecoder DefaultDecoder = new();

    internal static ImageLoadOptions Default { get; } = new();

    /// <summary>The resampling filter, with Pillow's arithmetic; nearest unless said otherwise, as in Keras.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Nearest;

    /// <summary>What reads the files; a <see cref="SkiaImageDecoder"/> unless said otherwise.</summary>
    public IImageDecoder Decoder { get; init; } = DefaultDecoder;

    /// <summary>Orientation and limits.</summary>
    public ImageDecodeOptions Decode { get; init; } = new();

    /// <summary>Decodes one image after another to the pixels of one size.</summary>
    internal ImageFitting FittingTo(ImageSize size) => new(this, size);
}

using TransferKit.Imaging;

namespace TransferKit;

/// <summary>Represents options of loading images at a backbone's input size. The defaults are those of Keras' <c>load_img</c>.</summary>
public sealed record ImageLoadOptions
{
    // All instances share one decoder, so that equal options compare as equal.
    private static readonly SkiaImageDecoder DefaultDecoder = new();

    internal static ImageLoadOptions Default { get; } = new();

    /// <summary>
    /// Gets the resampling filter, with Pillow's arithmetic. Defaults to <see cref="Interpolation.Nearest"/>, as in Keras.
    /// </summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Nearest;

    /// <summary>Gets the decoder of the files. Defaults to a <see cref="SkiaImageDecoder"/>.</summary>
    public IImageDecoder Decoder { get; init; } = DefaultDecoder;

    /// <summary>Gets the options of the decoder, such as orientation and limits.</summary>
    public ImageDecodeOptions Decode { get; init; } = new();

    /// <summary>Replaces the default decoder. A decoder that the user chose stays.</summary>
    internal ImageLoadOptions WithUsualDecoder(IImageDecoder decoder) =>
        ReferenceEquals(Decoder, DefaultDecoder) ? this with { Decoder = decoder } : this;

    /// <summary>Creates a decoder to the pixels of one size.</summary>
    internal ImageFitting FittingTo(ImageSize size) => new(this, size);
}

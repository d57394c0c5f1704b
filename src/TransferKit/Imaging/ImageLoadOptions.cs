using TransferKit.Imaging;

namespace TransferKit;

/// <summary>Represents options of loading images at a backbone's input size. The defaults are those of Keras' <c>load_img</c>.</summary>
/// <example>
/// <code>
/// // A model trained on image_dataset_from_directory(..., image_size=(224, 224), crop_to_aspect_ratio=True)
/// var images = new ImageLoadOptions { Resize = ResizeMethod.ImageDatasetFromDirectory, AspectRatio = AspectRatio.Crop };
/// </code>
/// </example>
public sealed record ImageLoadOptions
{
    // All instances share one decoder, so that equal options compare as equal.
    private static readonly SkiaImageDecoder DefaultDecoder = new();

    private readonly Interpolation? _interpolation;

    internal static ImageLoadOptions Default { get; } = new();

    /// <summary>
    /// Gets the Keras function through which training saw its pictures. Defaults to <see cref="ResizeMethod.LoadImg"/>.
    /// </summary>
    public ResizeMethod Resize { get; init; }

    /// <summary>
    /// Gets the resampling filter. Defaults to Keras' default: <see cref="Interpolation.Nearest"/> in <see cref="ResizeMethod.LoadImg"/>,
    /// <see cref="Interpolation.Bilinear"/> in the others.
    /// </summary>
    public Interpolation Interpolation
    {
        get => _interpolation ?? ImageResize.DefaultOf(Resize);
        init => _interpolation = value;
    }

    /// <summary>
    /// Gets the handling of pictures whose sides are not in the proportion of the input. Defaults to <see cref="AspectRatio.Stretch"/>, as
    /// in Keras.
    /// </summary>
    public AspectRatio AspectRatio { get; init; }

    /// <summary>
    /// Gets the size before the centre is cut out, as for networks of PyTorch; null to resize at once, as in Keras. Defaults to null.
    /// </summary>
    public CropFrom? CropFrom { get; init; }

    /// <summary>Gets the colours. Defaults to <see cref="ColorMode.Rgb"/>, as in Keras.</summary>
    public ColorMode ColorMode { get; init; }

    /// <summary>Gets the decoder of the files. Defaults to a <see cref="SkiaImageDecoder"/>.</summary>
    public IImageDecoder Decoder { get; init; } = DefaultDecoder;

    /// <summary>Gets the options of the decoder, such as orientation and limits.</summary>
    public ImageDecodeOptions Decode { get; init; } = new();

    /// <summary>Replaces the default decoder. A decoder that the user chose stays.</summary>
    internal ImageLoadOptions WithUsualDecoder(IImageDecoder decoder) =>
        ReferenceEquals(Decoder, DefaultDecoder) ? this with { Decoder = decoder } : this;

    /// <summary>Creates a decoder to the pixels of one size.</summary>
    /// <exception cref="ArgumentException">The options do not fit each other.</exception>
    internal ImageFitting FittingTo(ImageSize size)
    {
        if (string.Join(' ', Problems()) is { Length: > 0 } problems)
            throw new ArgumentException(problems);
        ResizeTo(size).Check();
        return new(this, size);
    }

    /// <summary>Returns a sentence for each option that does not fit the others.</summary>
    internal IEnumerable<string> Problems() => Decode.DctMethod is { } dct && !Enum.IsDefined(dct)
        ? [$"Decode.DctMethod is {dct}; it must be {DctMethod.IntegerAccurate} or {DctMethod.IntegerFast}."]
        : ImageResize.Problems(Resize, Interpolation, AspectRatio, ColorMode, CropFrom);

    /// <summary>
    /// Gets the options of the decoder, with the transform of JPEGs that TensorFlow has in <c>image_dataset_from_directory</c>.
    /// </summary>
    internal ImageDecodeOptions DecodeAsInTraining => Decode.DctMethod is null && Resize == ResizeMethod.ImageDatasetFromDirectory
        ? Decode with { DctMethod = DctMethod.IntegerFast }
        : Decode;

    internal ImageResize ResizeTo(ImageSize size) => new()
    {
        Size = size,
        Method = Resize,
        Interpolation = Interpolation,
        AspectRatio = AspectRatio,
        CropFrom = CropFrom,
        ColorMode = ColorMode,
    };
}

namespace TransferKit;

/// <summary>Represents a size and the way in which a picture is brought to it. The defaults are those of Keras' <c>load_img</c>.</summary>
public sealed record ImageResize
{
    private readonly Interpolation? _interpolation;

    /// <summary>Gets the height and width of the result, each at least 1.</summary>
    public required ImageSize Size { get; init; }

    /// <summary>Gets the Keras function whose pixels result. Defaults to <see cref="ResizeMethod.LoadImg"/>.</summary>
    public ResizeMethod Method { get; init; }

    /// <summary>
    /// Gets the filter. Defaults to Keras' default: <see cref="Interpolation.Nearest"/> in <see cref="ResizeMethod.LoadImg"/>,
    /// <see cref="Interpolation.Bilinear"/> in the others.
    /// </summary>
    public Interpolation Interpolation
    {
        get => _interpolation ?? DefaultOf(Method);
        init => _interpolation = value;
    }

    /// <summary>Gets the handling of other proportions. Defaults to <see cref="AspectRatio.Stretch"/>.</summary>
    public AspectRatio AspectRatio { get; init; }

    /// <summary>
    /// Gets the size before the centre is cut out; null to resize to <see cref="Size"/> at once. Defaults to null.
    /// <see cref="ResizeMethod.LoadImg"/> only.
    /// </summary>
    public CropFrom? CropFrom { get; init; }

    /// <summary>Gets the colours. Defaults to <see cref="ColorMode.Rgb"/>.</summary>
    public ColorMode ColorMode { get; init; }

    /// <summary>
    /// Gets whether the result is floats, 0 to 255 and not rounded, which the caller reads with <c>MemoryMarshal.Cast</c>. Results of
    /// <see cref="ResizeMethod.LoadImg"/> are bytes.
    /// </summary>
    public bool IsFloat => Method != ResizeMethod.LoadImg;

    /// <summary>Gets the number of bytes of the result, <c>(height, width, 3)</c> bytes or floats.</summary>
    /// <exception cref="OverflowException">The result would pass 2 GB.</exception>
    public int ByteCount => checked(Size.Height * Size.Width * 3 * (IsFloat ? sizeof(float) : 1));

    /// <summary>Gets the smallest size of the picture from which the result can be computed.</summary>
    internal ImageSize Needed => CropFrom?.Smallest ?? Size;

    internal static Interpolation DefaultOf(ResizeMethod method) =>
        method == ResizeMethod.LoadImg ? Interpolation.Nearest : Interpolation.Bilinear;

    /// <summary>Returns a sentence for each value that does not fit the others, apart from <see cref="Size"/>.</summary>
    internal static IEnumerable<string> Problems(
        ResizeMethod method, Interpolation interpolation, AspectRatio aspectRatio, ColorMode colorMode, CropFrom? cropFrom = null)
    {
        if (method is not (ResizeMethod.LoadImg or ResizeMethod.ImageDatasetFromDirectory or ResizeMethod.Resizing))
            yield return $"The resize method is {method}; it must be {Names<ResizeMethod>(_ => true)}.";
        else if (!HasFilter(method, interpolation))
            yield return $"Interpolation is {interpolation}; {method} has {Names<Interpolation>(i => HasFilter(method, i))}.";
        if (aspectRatio is not (AspectRatio.Stretch or AspectRatio.Crop or AspectRatio.Pad))
            yield return $"AspectRatio is {aspectRatio}; it must be {Names<AspectRatio>(_ => true)}.";
        if (method == ResizeMethod.LoadImg && aspectRatio == AspectRatio.Pad)
            yield return "AspectRatio is Pad, which LoadImg does not have; use Crop, or another method.";
        if (cropFrom is not null && (method, aspectRatio) != (ResizeMethod.LoadImg, AspectRatio.Stretch))
            yield return $"CropFrom needs LoadImg and AspectRatio.Stretch; these are {method} and {aspectRatio}.";
        if (colorMode is not (ColorMode.Rgb or ColorMode.Grayscale))
            yield return $"ColorMode is {colorMode}; it must be {Names<ColorMode>(_ => true)}.";
    }

    /// <exception cref="ArgumentOutOfRangeException">A side is less than 1.</exception>
    /// <exception cref="ArgumentException">The values do not fit each other.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Size.Height, 1, nameof(Size));
        ArgumentOutOfRangeException.ThrowIfLessThan(Size.Width, 1, nameof(Size));
        if (string.Join(' ', Problems(Method, Interpolation, AspectRatio, ColorMode, CropFrom)) is { Length: > 0 } problems)
            throw new ArgumentException(problems);
        if (Needed.Height < Size.Height || Needed.Width < Size.Width)
        {
            throw new ArgumentException(
                $"CropFrom is {CropFrom}, from which no centre of {Size} can be cut: it must be at least as large.");
        }
    }

    /// <inheritdoc cref="Check()"/>
    /// <exception cref="ArgumentException">The values do not fit each other, or the target has another length.</exception>
    internal void Check(ReadOnlySpan<byte> target)
    {
        Check();
        var bytes = (long)Size.Height * Size.Width * 3 * (IsFloat ? sizeof(float) : 1);
        if (target.Length != bytes)
        {
            throw new ArgumentException(
                $"An image of {Size.Width} x {Size.Height} takes {bytes} bytes as {Method} gives it, but the target has {target.Length}.",
                nameof(target));
        }
    }

    private static bool HasFilter(ResizeMethod method, Interpolation filter) => method == ResizeMethod.LoadImg
        ? filter is >= Interpolation.Nearest and <= Interpolation.Lanczos
        : filter is Interpolation.Nearest or Interpolation.Bilinear or Interpolation.Bicubic
            or (>= Interpolation.Area and <= Interpolation.MitchellCubic);

    private static string Names<T>(Func<T, bool> filter)
        where T : struct, Enum => string.Join(", ", Enum.GetValues<T>().Where(filter));
}

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

    internal static Interpolation DefaultOf(ResizeMethod method) =>
        method == ResizeMethod.LoadImg ? Interpolation.Nearest : Interpolation.Bilinear;

    /// <summary>Returns a sentence for each value that does not fit the others.</summary>
    internal static IEnumerable<string> Problems(
        ResizeMethod method, Interpolation interpolation, AspectRatio aspectRatio, ColorMode colorMode)
    {
        if (!Enum.IsDefined(method))
            yield return $"The resize method is {method}; it must be {Names<ResizeMethod>(_ => true)}.";
        else if (!HasFilter(method, interpolation))
            yield return $"Interpolation is {interpolation}; {method} has {Names<Interpolation>(i => HasFilter(method, i))}.";
        if (!Enum.IsDefined(aspectRatio))
            yield return $"AspectRatio is {aspectRatio}; it must be {Names<AspectRatio>(_ => true)}.";
        if (method == ResizeMethod.LoadImg && aspectRatio == AspectRatio.Pad)
            yield return "AspectRatio is Pad, which LoadImg does not have; use Crop, or another method.";
        if (!Enum.IsDefined(colorMode))
            yield return $"ColorMode is {colorMode}; it must be {Names<ColorMode>(_ => true)}.";
    }

    /// <exception cref="ArgumentOutOfRangeException">A side is less than 1.</exception>
    /// <exception cref="ArgumentException">The values do not fit each other.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Size.Height, 1, nameof(Size));
        ArgumentOutOfRangeException.ThrowIfLessThan(Size.Width, 1, nameof(Size));
        if (string.Join(' ', Problems(Method, Interpolation, AspectRatio, ColorMode)) is { Length: > 0 } problems)
            throw new ArgumentException(problems);
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

using TransferKit.Imaging.Pictures;

namespace TransferKit;

/// <summary>Turns encoded images into RGB pixels.</summary>
/// <remarks>
/// Implementations are called from several threads at once. The input is a span because an image file is small beside
/// its pixels: the caller reads it whole, from wherever it lies and into a buffer it may use again. A simple decoder implements
/// <see cref="CanDecode"/> and the shortest <c>Decode</c>. A decorator forwards the sized <c>Decode</c> and
/// <see cref="Declined"/> too, and so keeps what the inner decoder can do: <see cref="ImageDecodeOptions.Fast"/>, resizing while
/// decoding, time limits.
/// </remarks>
public interface IImageDecoder
{
    /// <summary>Tells whether the content looks like an image that this decoder takes; the file's name plays no part.</summary>
    /// <param name="header">The beginning of the content; 16 bytes are enough for every format here.</param>
    bool CanDecode(ReadOnlySpan<byte> header);

    /// <summary>Makes the error for content that <see cref="CanDecode"/> declines.</summary>
    /// <param name="header">The beginning of the content, up to 64 bytes.</param>
    /// <param name="name">The image's name for errors, such as its path; may be null.</param>
    /// <returns>By default, an error that names this decoder's type.</returns>
    ImageDecodeException Declined(ReadOnlySpan<byte> header, string? name) =>
        new(ImageDecodeError.NotAnImage, name, $"the decoder {GetType().Name} does not read this content.");

    /// <summary>Decodes the first frame or page to RGB. Alpha is dropped, not blended; grey is repeated in all three channels.</summary>
    /// <param name="encoded">The whole content of the file.</param>
    /// <param name="name">The image's name for errors, such as its path; may be null.</param>
    /// <param name="options">Limits and orientation.</param>
    /// <exception cref="ImageDecodeException">
    /// The content is empty, no image, cut off, too large, too slow, unsupported or corrupt.
    /// </exception>
    RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options);

    /// <summary>Decodes as the shorter overload does, and can be cancelled on the way.</summary>
    /// <param name="encoded">The whole content of the file.</param>
    /// <param name="name">The image's name for errors, such as its path; may be null.</param>
    /// <param name="options">Limits and orientation.</param>
    /// <param name="cancellationToken">Token that stops the decoding. The default implementation checks it once, before.</param>
    /// <exception cref="ImageDecodeException">
    /// The content is empty, no image, cut off, too large, too slow, unsupported or corrupt.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Decode(encoded, name, options);
    }

    /// <summary>Decodes straight to the wanted size. The default implementation decodes the whole image and resizes it.</summary>
    /// <param name="encoded">The whole content of the file.</param>
    /// <param name="name">The image's name for errors, such as its path; may be null.</param>
    /// <param name="options">Limits and orientation.</param>
    /// <param name="size">The wanted size, each side at least 1.</param>
    /// <param name="filter">The resampling filter.</param>
    /// <param name="target">Memory for the result, <c>(height, width, 3)</c>: exactly height x width x 3 bytes.</param>
    /// <param name="cancellationToken">Token that stops the decoding.</param>
    /// <exception cref="ArgumentException">The target does not fit the size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The filter is unknown or a side is less than 1.</exception>
    /// <exception cref="ImageDecodeException">
    /// The content is empty, no image, cut off, too large, too slow, unsupported or corrupt.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    void Decode(
        ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, ImageSize size, Interpolation filter, Span<byte> target,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ResizeTarget.Check(size, filter, target);
        var watch = DecodeWatch.Start(name, options, cancellationToken);
        Decode(encoded, name, options, cancellationToken).Resize(size, filter, target, in watch);
    }
}

using TransferKit.Imaging.Pictures;

namespace TransferKit;

/// <summary>Decodes images to RGB pixels.</summary>
/// <remarks>
/// Implementations must be thread-safe. The caller reads the whole file, which is small compared with its pixels, into a buffer that it may
/// reuse. A simple decoder implements <see cref="CanDecode"/> and the shortest <c>Decode</c>. A decorator also forwards the sized
/// <c>Decode</c> and <see cref="Declined"/>, which preserves the inner decoder's <see cref="ImageDecodeOptions.Draft"/>, resizing while
/// decoding, and time limits.
/// </remarks>
public interface IImageDecoder
{
    /// <summary>Returns whether the content looks like an image that this decoder supports. The file's name plays no part.</summary>
    /// <param name="header">The beginning of the content. Every format of the default decoder needs at most 16 bytes.</param>
    bool CanDecode(ReadOnlySpan<byte> header);

    /// <summary>Creates the error for content that <see cref="CanDecode"/> declines.</summary>
    /// <param name="header">The beginning of the content, up to 64 bytes.</param>
    /// <param name="name">The image's name for errors, such as its path; may be null.</param>
    /// <returns>An error, by default one that names this decoder's type.</returns>
    ImageDecodeException Declined(ReadOnlySpan<byte> header, string? name) =>
        new(ImageDecodeError.NotAnImage, name, $"the decoder {GetType().Name} does not support this content.");

    /// <summary>
    /// Decodes the first frame or page to RGB. Alpha is dropped without blending, and grey is repeated in all three channels.
    /// </summary>
    /// <param name="encoded">The whole content of the file.</param>
    /// <param name="name">The image's name for errors, such as its path; may be null.</param>
    /// <param name="options">Limits and orientation.</param>
    /// <exception cref="ImageDecodeException">
    /// The content is empty, not an image, cut off, too large, too slow, unsupported or corrupt.
    /// </exception>
    RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options);

    /// <summary>Decodes as the shorter overload does, with cancellation.</summary>
    /// <param name="encoded">The whole content of the file.</param>
    /// <param name="name">The image's name for errors, such as its path; may be null.</param>
    /// <param name="options">Limits and orientation.</param>
    /// <param name="cancellationToken">Token that stops the decoding. The default implementation checks it once, before it decodes.</param>
    /// <exception cref="ImageDecodeException">
    /// The content is empty, not an image, cut off, too large, too slow, unsupported or corrupt.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Decode(encoded, name, options);
    }

    /// <summary>Decodes to the requested size. The default implementation decodes the whole image and resizes it.</summary>
    /// <param name="encoded">The whole content of the file.</param>
    /// <param name="name">The image's name for errors, such as its path; may be null.</param>
    /// <param name="options">Limits and orientation.</param>
    /// <param name="size">The requested size, each side at least 1.</param>
    /// <param name="filter">The resampling filter.</param>
    /// <param name="target">Memory for the result, <c>(height, width, 3)</c>: exactly height x width x 3 bytes.</param>
    /// <param name="cancellationToken">Token that stops the decoding.</param>
    /// <exception cref="ArgumentException">The target does not fit the size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The filter is unknown or a side is less than 1.</exception>
    /// <exception cref="ImageDecodeException">
    /// The content is empty, not an image, cut off, too large, too slow, unsupported or corrupt.
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

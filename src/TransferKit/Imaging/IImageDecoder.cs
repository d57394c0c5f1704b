namespace TransferKit.Imaging;

/// <summary>Turns encoded images into RGB pixels.</summary>
/// <remarks>
/// Implementations are called from several threads at once. The input is a span because an image file is small beside
/// its pixels: the caller reads it whole, from wherever it lies and into a buffer it may use again.
/// </remarks>
public interface IImageDecoder
{
    /// <summary>Whether the content looks like an image that this decoder takes; the file's name plays no part.</summary>
    /// <param name="header">The beginning of the content; 16 bytes are enough for every format here.</param>
    bool CanDecode(ReadOnlySpan<byte> header);

    /// <summary>Decodes the first frame or page to RGB. Alpha is dropped, not blended; grey is repeated in all three channels.</summary>
    /// <param name="encoded">The whole content of the file.</param>
    /// <param name="name">Names the image in errors, such as its path; may be null.</param>
    /// <param name="options">Limits and orientation.</param>
    /// <exception cref="ImageDecodeException">The content is empty, no image, cut off, too large, unsupported or corrupt.</exception>
    RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options);
}

namespace TransferKit;

/// <summary>Specifies why an image could not be decoded.</summary>
public enum ImageDecodeError
{
    /// <summary>The content has no bytes.</summary>
    Empty,

    /// <summary>The content is of no format that the decoder knows. The file's name plays no part.</summary>
    NotAnImage,

    /// <summary>The content ends too early. A partial picture is never returned.</summary>
    Truncated,

    /// <summary>
    /// The image exceeds a limit of <see cref="ImageDecodeOptions"/>, or resizing it would take more than 64 MiB of working memory.
    /// </summary>
    TooLarge,

    /// <summary>The format is known, but its variant cannot be decoded faithfully, such as grey of 16 bits.</summary>
    Unsupported,

    /// <summary>The content contradicts itself.</summary>
    Corrupt,

    /// <summary>Decoding took longer than <see cref="ImageDecodeOptions.Timeout"/>.</summary>
    TimedOut,

    /// <summary>Another process changed the file while it was read.</summary>
    Changed,
}

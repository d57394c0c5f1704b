namespace TransferKit;

/// <summary>Why an image could not be turned into pixels.</summary>
public enum ImageDecodeError
{
    /// <summary>It holds no bytes.</summary>
    Empty,

    /// <summary>Its content is of no format that the decoder knows, whatever its name says.</summary>
    NotAnImage,

    /// <summary>It ends too early; no partial picture is given.</summary>
    Truncated,

    /// <summary>
    /// It has more pixels, bytes or scans than <see cref="ImageDecodeOptions"/> allows, or resizing it would take more
    /// than 64 MiB of working memory.
    /// </summary>
    TooLarge,

    /// <summary>A known format in a variant that cannot be read faithfully, such as 16 bits a channel.</summary>
    Unsupported,

    /// <summary>Its content contradicts itself.</summary>
    Corrupt,

    /// <summary>Decoding took longer than <see cref="ImageDecodeOptions.Timeout"/>.</summary>
    TimedOut,
}

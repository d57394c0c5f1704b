namespace TransferKit;

/// <summary>Represents what an extraction learned of a file while it read the picture.</summary>
public sealed record ImageFileDetails
{
    /// <summary>Gets the length of the file in bytes.</summary>
    public long Length { get; init; }

    /// <summary>Gets the time of the file's last change in UTC; the earliest date for content without one, such as a stream.</summary>
    public DateTime Modified { get; init; }

    /// <summary>Gets the size of the picture as its file declares it, before orientation; null if no header could be read.</summary>
    public ImageSize? Size { get; init; }

    /// <summary>Gets the SHA-256 of the file in 64 lower-case hexadecimal digits; null if the file was not read to its end.</summary>
    public string? Sha256 { get; init; }
}

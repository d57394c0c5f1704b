namespace TransferKit;

/// <summary>Specifies what a <see cref="WeightStore"/> does with a file.</summary>
public enum WeightDownloadState
{
    /// <summary>The store computes the file's hash.</summary>
    Verifying,

    /// <summary>
    /// Another thread or process downloads the same file, and the store waits. The progress is that of the other download.
    /// </summary>
    Waiting,

    /// <summary>The store receives the file.</summary>
    Downloading,

    /// <summary>
    /// An attempt failed for the reason in <see cref="WeightDownloadProgress.Message"/>, and the store retries after a pause.
    /// </summary>
    Retrying,

    /// <summary>
    /// A file failed its check for the reason in <see cref="WeightDownloadProgress.Message"/>, and was moved out of the way.
    /// </summary>
    Rejected,

    /// <summary>The file is in the cache: verified, or unverified if <see cref="WeightDownloadProgress.Message"/> says so.</summary>
    Done,
}

/// <summary>Represents the progress of a download. The store reports it about ten times a second and at every change of state.</summary>
public sealed class WeightDownloadProgress
{
    internal WeightDownloadProgress() { }

    /// <summary>Gets the file's name in the cache.</summary>
    public required string File { get; init; }

    /// <summary>Gets what the store does with the file.</summary>
    public required WeightDownloadState State { get; init; }

    /// <summary>Gets the number of bytes received, including those of earlier attempts.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Gets the file's size in bytes; null until a server has sent it.</summary>
    public long? TotalBytes { get; init; }

    /// <summary>
    /// Gets the mean rate of the current attempt in bytes per second; zero in other states than
    /// <see cref="WeightDownloadState.Downloading"/>.
    /// </summary>
    public double BytesPerSecond { get; init; }

    /// <summary>Gets a message for the user; null if the other properties suffice.</summary>
    public string? Message { get; init; }

    /// <summary>Returns the progress as a line of text.</summary>
    public override string ToString() =>
        $"{File}: {State}, {BytesReceived / 1e6:F1}{(TotalBytes is { } total ? $" of {total / 1e6:F1}" : "")} MB"
        + (State == WeightDownloadState.Downloading ? $", {BytesPerSecond / 1e6:F1} MB/s" : "")
        + (Message is null ? "" : $" ({Message})");
}

namespace TransferKit;

/// <summary>What a <see cref="WeightStore"/> is doing about a file.</summary>
public enum WeightDownloadState
{
    /// <summary>The file's hash is being computed.</summary>
    Verifying,

    /// <summary>Another thread or process downloads the same file; the bytes are those that it has.</summary>
    Waiting,

    /// <summary>Bytes arrive.</summary>
    Downloading,

    /// <summary>A try failed, as <see cref="WeightDownloadProgress.Message"/> says, and another follows after a pause.</summary>
    Retrying,

    /// <summary>A file that failed its check was set aside, as <see cref="WeightDownloadProgress.Message"/> says.</summary>
    SetAside,

    /// <summary>The file is there: verified, or unverified where <see cref="WeightDownloadProgress.Message"/> says so.</summary>
    Done,
}

/// <summary>A moment of a download; told some ten times a second and at every change of state.</summary>
public sealed class WeightDownloadProgress
{
    internal WeightDownloadProgress() { }

    /// <summary>The file's name in the cache.</summary>
    public required string File { get; init; }

    /// <summary>What is being done.</summary>
    public required WeightDownloadState State { get; init; }

    /// <summary>The bytes there are, those of earlier tries included.</summary>
    public long BytesReceived { get; init; }

    /// <summary>The bytes there will be, once a server has said so.</summary>
    public long? TotalBytes { get; init; }

    /// <summary>The mean rate of the present try.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>What happened, for people; null where the numbers say it.</summary>
    public string? Message { get; init; }

    /// <summary>As a line of text.</summary>
    public override string ToString() =>
        $"{File}: {State}, {BytesReceived / 1e6:F1}{(TotalBytes is { } total ? $" of {total / 1e6:F1}" : "")} MB"
        + (State == WeightDownloadState.Downloading ? $", {BytesPerSecond / 1e6:F1} MB/s" : "")
        + (Message is null ? "" : $" ({Message})");
}

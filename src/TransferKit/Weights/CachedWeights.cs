namespace TransferKit;

/// <summary>How it stands with a weight file of a cache.</summary>
public enum CachedWeightsState
{
    /// <summary>It was verified, and has the size and time that it had then.</summary>
    Verified,

    /// <summary>It is there and was not verified yet, as what Keras has downloaded; that is done before it is used.</summary>
    Unverified,

    /// <summary>It is not the file that it should be, as <see cref="CachedWeights.Problem"/> says; its next use downloads it again.</summary>
    Wrong,

    /// <summary>A part of it has arrived; its next use goes on from there.</summary>
    Partial,

    /// <summary>It is not there, and one that failed its check was set aside.</summary>
    Rejected,
}

/// <summary>One of Keras' weight files in a cache, and its state.</summary>
public sealed class CachedWeights
{
    internal CachedWeights() { }

    /// <summary>The file's name, Keras' own.</summary>
    public required string File { get; init; }

    /// <summary>Where it is, or will be.</summary>
    public required string Path { get; init; }

    /// <summary>How it stands with it.</summary>
    public required CachedWeightsState State { get; init; }

    /// <summary>The bytes that are there.</summary>
    public long Size { get; init; }

    /// <summary>The file's published hash as <c>md5 …</c> or <c>sha256 …</c>; null where Keras publishes none.</summary>
    public string? Hash { get; init; }

    /// <summary>What is wrong with the file, for people; null where nothing is known to be.</summary>
    public string? Problem { get; init; }

    /// <summary>Where a file of this name lies that failed its check and was set aside, if one does.</summary>
    public string? RejectedPath { get; init; }

    /// <summary>As a line of text.</summary>
    public override string ToString() => $"{File}: {State}, {Size / 1e6:F1} MB{(Problem is null ? "" : $" ({Problem})")}";
}

namespace TransferKit;

/// <summary>How it stands with a weight file of a cache.</summary>
public enum CachedWeightsState
{
    /// <summary>
    /// It matched its known hash when it was read, and has the size and time that it had then. <see cref="CachedWeights.Hash"/> says which
    /// hash that is: for most files Keras publishes an MD5, which shows damage and a wrong file, but not a forgery by the file's author.
    /// </summary>
    Verified,

    /// <summary>
    /// It is there, and no hash vouches for it: either it was not read yet, as what Keras has downloaded, which is done before it is used;
    /// or none is known, and <see cref="CachedWeights.Hash"/> is null.
    /// </summary>
    Unverified,

    /// <summary>It is not the file that it should be, as <see cref="CachedWeights.Problem"/> says; its next use downloads it again.</summary>
    Wrong,

    /// <summary>A part of it has arrived; its next use goes on from there.</summary>
    Partial,

    /// <summary>It is not there, and one that failed its check was set aside.</summary>
    Rejected,
}

/// <summary>One of Keras' weight files in a cache, or a compiled model, and its state.</summary>
public sealed class CachedWeights
{
    internal CachedWeights() { }

    /// <summary>The file's name, Keras' own; of a compiled model its folder's.</summary>
    public required string File { get; init; }

    /// <summary>Where it is, or will be.</summary>
    public required string Path { get; init; }

    /// <summary>How it stands with it.</summary>
    public required CachedWeightsState State { get; init; }

    /// <summary>The bytes that are there.</summary>
    public long Size { get; init; }

    /// <summary>Gets whether this is a compiled model, a folder under <c>transferkit/</c>. Defaults to false: a weight file.</summary>
    public bool IsCompiledModel { get; init; }

    /// <summary>The file's known hash as <c>md5 …</c> or <c>sha256 …</c>, Keras' own or pinned here; null where none is known.</summary>
    public string? Hash { get; init; }

    /// <summary>What is wrong with the file, for people; null where nothing is known to be.</summary>
    public string? Problem { get; init; }

    /// <summary>Where a file of this name lies that failed its check and was set aside, if one does.</summary>
    public string? RejectedPath { get; init; }

    /// <summary>As a line of text.</summary>
    public override string ToString() => $"{File}: {State}, {Size / 1e6:F1} MB{(Problem is null ? "" : $" ({Problem})")}";
}

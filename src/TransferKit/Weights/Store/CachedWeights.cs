namespace TransferKit;

/// <summary>Specifies the state of a weight file in a cache.</summary>
public enum CachedWeightsState
{
    /// <summary>
    /// The file matched its known hash when it was read, and its size and time are unchanged. For most files the hash is an MD5 that Keras
    /// publishes. It detects damage and a wrong file, but not a forgery by the file's author.
    /// </summary>
    Verified,

    /// <summary>
    /// The file exists, but no hash confirms it. Either it has not been read yet, which the next use does, or no hash is known and
    /// <see cref="CachedWeights.Hash"/> is null.
    /// </summary>
    Unverified,

    /// <summary>The file is wrong for the reason in <see cref="CachedWeights.Problem"/>. The next use downloads it again.</summary>
    Wrong,

    /// <summary>A part of the file has been downloaded. The next use resumes the download.</summary>
    Partial,

    /// <summary>The file is missing, and an earlier one that failed its check is at <see cref="CachedWeights.RejectedPath"/>.</summary>
    Rejected,
}

/// <summary>Represents one of Keras' weight files in a cache, a compiled model, or the calibration of an int8 model.</summary>
public sealed class CachedWeights
{
    internal CachedWeights() { }

    /// <summary>Gets the name of the file, which is Keras' own for weights, or of the compiled model's folder.</summary>
    public required string File { get; init; }

    /// <summary>Gets the path of the file, or the path for its download.</summary>
    public required string Path { get; init; }

    /// <summary>Gets the state of the file.</summary>
    public required CachedWeightsState State { get; init; }

    /// <summary>Gets the size in bytes; for a partial download, the bytes received.</summary>
    public long Size { get; init; }

    /// <summary>
    /// Gets whether this is a compiled model, a folder under <c>transferkit/</c>, or a calibration, a file there. Defaults to false.
    /// </summary>
    public bool IsCompiledModel { get; init; }

    /// <summary>Gets the file's known hash as <c>md5 …</c> or <c>sha256 …</c>, Keras' own or pinned here; null if none is known.</summary>
    public string? Hash { get; init; }

    /// <summary>Gets what is wrong with the file; null if no problem is known.</summary>
    public string? Problem { get; init; }

    /// <summary>Gets the path of an earlier file of this name that failed its check; null if there is none.</summary>
    public string? RejectedPath { get; init; }

    /// <summary>Returns the file and its state as a line of text.</summary>
    public override string ToString() => $"{File}: {State}, {Size / 1e6:F1} MB{(Problem is null ? "" : $" ({Problem})")}";
}

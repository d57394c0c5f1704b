using TransferKit.WeightSources;

namespace TransferKit;

/// <summary>
/// Thrown when weights are absent and were not to be downloaded: offline, an unwritable cache, a file that does not
/// exist, or weights that Keras does not publish. Random weights are never taken in their place. A download that was
/// tried and failed is a <see cref="WeightsDownloadException"/>.
/// </summary>
public sealed class WeightsUnavailableException : TransferKitException
{
    private WeightsUnavailableException(string message, Exception? innerException = null) : base(message, innerException) { }

    /// <summary>Where the file is expected; null where no file would help.</summary>
    public string? ExpectedPath { get; private init; }

    /// <summary>Where Keras publishes the file, if it does.</summary>
    public Uri? Address { get; private init; }

    /// <summary>The file's known hash as <c>md5 …</c> or <c>sha256 …</c>; null where none is known.</summary>
    public string? Hash { get; private init; }

    internal static WeightsUnavailableException NotPublished(string model) => new(
        $"Keras publishes no ImageNet weights for {model} with these options. "
        + "Load a file with Weights.File(path), or start from Weights.Random().");

    internal static WeightsUnavailableException NoSuchFile(string path, Exception? cause) =>
        new($"There is no weight file '{path}', or it may not be read.", cause) { ExpectedPath = path };

    internal static WeightsUnavailableException Absent(CatalogEntry entry, string path, string reason, Exception? cause = null) => new(
        $"The weights {entry.File} are not there and were not downloaded: {reason} {Remedy(entry, path)}", cause)
    {
        ExpectedPath = path,
        Address = entry.Url,
        Hash = entry.HashText,
    };

    /// <summary>What a person can do: which file to put where.</summary>
    internal static string Remedy(CatalogEntry entry, string path) =>
        $"Put the file from {entry.Url} ({entry.HashText ?? "no hash of it is known"}) at '{path}'.";
}

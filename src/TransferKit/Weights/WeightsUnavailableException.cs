using TransferKit.WeightSources;

namespace TransferKit;

/// <summary>
/// Thrown when weights are missing and no download was attempted. The store is offline, the cache cannot be written, a file does not exist,
/// or Keras publishes none. Random weights never replace them. A failed download throws a <see cref="WeightsDownloadException"/>.
/// </summary>
public sealed class WeightsUnavailableException : TransferKitException
{
    private WeightsUnavailableException(string message, Exception? innerException = null) : base(message, innerException) { }

    /// <summary>Gets the path at which the file is expected; null if no file would help.</summary>
    public string? ExpectedPath { get; private init; }

    /// <summary>Gets the address at which Keras publishes the file; null if it does not.</summary>
    public Uri? Address { get; private init; }

    /// <summary>Gets the file's known hash as <c>md5 …</c> or <c>sha256 …</c>; null if none is known.</summary>
    public string? Hash { get; private init; }

    internal static WeightsUnavailableException NotPublished(string model) => new(
        $"Keras publishes no ImageNet weights for {model} with these options. "
        + "Load a file with Weights.File(path), or start from Weights.Random().");

    internal static WeightsUnavailableException NoSuchFile(string path, Exception cause) =>
        new($"The weight file '{path}' does not exist or cannot be read: {cause.Message}", cause) { ExpectedPath = path };

    internal static WeightsUnavailableException Absent(CatalogEntry entry, string path, string reason, Exception? cause = null) => new(
        $"The weights {entry.File} are not available and were not downloaded: {reason} {Remedy(entry, path)}", cause)
    {
        ExpectedPath = path,
        Address = new Uri(entry.Url),
        Hash = entry.HashText,
    };

    /// <summary>Says which file to put where, for the end of a message.</summary>
    internal static string Remedy(CatalogEntry entry, string path) =>
        $"Put the file from {entry.Url} ({entry.HashText ?? "no hash of it is known"}) at '{path}'.";
}

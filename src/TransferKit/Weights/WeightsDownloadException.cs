using System.Collections.Immutable;
using System.Net;
using TransferKit.WeightSources;

namespace TransferKit;

/// <summary>Thrown when a download of weights failed. The received part stays in the cache, and the next attempt resumes it.</summary>
public sealed class WeightsDownloadException : TransferKitException
{
    internal WeightsDownloadException(
        CatalogEntry entry, string path, IEnumerable<(string Address, int Tries, string Failure)> addresses, int tries,
        HttpStatusCode? status, Exception? cause)
        : base(
            $"The weights {entry.File} could not be downloaded. "
            + string.Concat(addresses.Select(a => $"{a.Address}: {a.Failure} ({(a.Tries == 1 ? "1 attempt" : $"{a.Tries} attempts")}). "))
            + WeightsUnavailableException.Remedy(entry, path), cause) =>
        (Addresses, Tries, ExpectedPath, Hash, StatusCode) =
            ([.. addresses.Select(a => a.Address)], tries, path, entry.HashText, status);

    /// <summary>Gets the addresses that were tried, in order.</summary>
    public ImmutableArray<string> Addresses { get; }

    /// <summary>Gets the number of attempts over all addresses.</summary>
    public int Tries { get; }

    /// <summary>Gets the path at which the store expects the file.</summary>
    public string ExpectedPath { get; }

    /// <summary>Gets the file's known hash as <c>md5 …</c> or <c>sha256 …</c>; null if none is known.</summary>
    public string? Hash { get; }

    /// <summary>Gets the last HTTP status that a server returned; null if no server answered.</summary>
    public HttpStatusCode? StatusCode { get; }
}

using System.Collections.Immutable;
using System.Net;
using TransferKit.WeightSources;

namespace TransferKit;

/// <summary>
/// Thrown when a download of weights was given up. What has arrived stays beside the target, and the next try goes on
/// from there.
/// </summary>
public sealed class WeightsDownloadException : TransferKitException
{
    internal WeightsDownloadException(
        CatalogEntry entry, string path, IEnumerable<(string Address, int Tries, string Failure)> addresses, int tries,
        HttpStatusCode? status, Exception? cause)
        : base(
            $"The weights {entry.File} could not be downloaded. "
            + string.Concat(addresses.Select(a => $"{a.Address}: {a.Failure} ({(a.Tries == 1 ? "1 try" : $"{a.Tries} tries")}). "))
            + WeightsUnavailableException.Remedy(entry, path), cause) =>
        (Addresses, Tries, ExpectedPath, Hash, StatusCode) =
            ([.. addresses.Select(a => a.Address)], tries, path, entry.HashText, status);

    /// <summary>The addresses that were tried, in order.</summary>
    public ImmutableArray<string> Addresses { get; }

    /// <summary>How often it was tried, over all addresses.</summary>
    public int Tries { get; }

    /// <summary>Where the file is expected.</summary>
    public string ExpectedPath { get; }

    /// <summary>The file's known hash as <c>md5 …</c> or <c>sha256 …</c>; null where none is known.</summary>
    public string? Hash { get; }

    /// <summary>The last HTTP status that a server answered with, if any answered.</summary>
    public HttpStatusCode? StatusCode { get; }
}

namespace TransferKit;

/// <summary>
/// Thrown when a bundle of weights cannot be used: it is no bundle, is damaged, or holds what no bundle may hold. No file that
/// failed its check has been put into the cache.
/// </summary>
public sealed class WeightsBundleException : TransferKitException
{
    internal WeightsBundleException(string bundle, string? entry, string problem, Exception? innerException = null)
        : base($"The bundle '{bundle}' cannot be used: {(entry is null ? "" : $"'{entry}': ")}{problem}. Make it anew with 'transferkit weights export'.", innerException) =>
        (Bundle, Entry) = (bundle, entry);

    /// <summary>The bundle's path.</summary>
    public string Bundle { get; }

    /// <summary>The name in the bundle that is at fault; null where it is the bundle as a whole.</summary>
    public string? Entry { get; }
}

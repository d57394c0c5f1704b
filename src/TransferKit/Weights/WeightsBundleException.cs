namespace TransferKit;

/// <summary>
/// Thrown when a bundle of weights is damaged, or was not written by <see cref="WeightStore.ExportAsync"/>. A file that failed its check
/// never enters the cache.
/// </summary>
public sealed class WeightsBundleException : TransferKitException
{
    internal WeightsBundleException(string bundle, string? entry, string problem, Exception? innerException = null)
        : base($"The bundle '{bundle}' cannot be used: {(entry is null ? "" : $"'{entry}': ")}{problem}. "
            + "Create a new one with 'transferkit weights export'.", innerException) =>
        (Bundle, Entry) = (bundle, entry);

    /// <summary>Gets the bundle's path.</summary>
    public string Bundle { get; }

    /// <summary>Gets the entry of the bundle that is wrong; null if the bundle as a whole is.</summary>
    public string? Entry { get; }
}

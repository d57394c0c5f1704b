namespace TransferKit;

/// <summary>
/// Thrown when a file is not a Keras weight file or a bundle of them, or is damaged. The message says what the file is: a web page, a
/// Git LFS pointer, a truncated file, HDF5 that Keras did not write. Missing and non-finite weights are damage too.
/// </summary>
public sealed class WeightsFormatException : TransferKitException
{
    private WeightsFormatException(string message, string file, string? entry, Exception? innerException)
        : base(message, innerException) => (File, Entry) = (file, entry);

    internal WeightsFormatException(string file, string problem, Exception? innerException = null)
        : this($"'{file}' cannot be read as Keras weights: {problem}.", file, null, innerException) { }

    /// <summary>Gets the file: its path, or the name given with the stream.</summary>
    public string File { get; }

    /// <summary>Gets the wrong entry of a bundle; null for a weight file, or if the bundle as a whole is wrong.</summary>
    public string? Entry { get; }

    internal static WeightsFormatException OfBundle(string bundle, string? entry, string problem, Exception? innerException = null) => new(
        $"The bundle '{bundle}' cannot be used: {(entry is null ? "" : $"'{entry}': ")}{problem}. "
            + "Create a new one with 'transferkit weights export'.", bundle, entry, innerException);
}

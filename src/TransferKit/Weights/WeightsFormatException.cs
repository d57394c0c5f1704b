namespace TransferKit;

/// <summary>
/// Thrown when a file is not a Keras weight file, or is damaged. The message says what the file is: a web page, a Git LFS pointer, a
/// truncated file, HDF5 that Keras did not write. Missing and non-finite weights are damage too.
/// </summary>
public sealed class WeightsFormatException : TransferKitException
{
    internal WeightsFormatException(string file, string problem, Exception? innerException = null)
        : base($"'{file}' cannot be read as Keras weights: {problem}.", innerException) => File = file;

    /// <summary>Gets the file: its path, or the name given with the stream.</summary>
    public string File { get; }
}

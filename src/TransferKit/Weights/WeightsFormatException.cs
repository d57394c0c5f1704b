namespace TransferKit;

/// <summary>
/// Thrown when a file is not a Keras weight file: not HDF5 at all (the message says what it looks like: a web page, a
/// Git LFS pointer, a file cut off), HDF5 that Keras did not write, or damaged: with numbers that are missing or not finite.
/// </summary>
public sealed class WeightsFormatException : TransferKitException
{
    internal WeightsFormatException(string file, string problem, Exception? innerException = null)
        : base($"'{file}' cannot be read as Keras weights: {problem}.", innerException) => File = file;

    /// <summary>The file: its path, or the name that its stream was given.</summary>
    public string File { get; }
}

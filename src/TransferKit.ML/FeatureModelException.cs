namespace TransferKit.ML;

/// <summary>
/// Thrown when a saved pipeline cannot be loaded: the file is damaged, or the backbone is not the one that it was saved with. The message
/// names the file and what differs.
/// </summary>
public sealed class FeatureModelException : TransferKitException
{
    internal FeatureModelException(string file, string problem, Exception? innerException = null)
        : base($"'{file}' cannot be loaded: {problem}", innerException) => File = file;

    /// <summary>Gets the path of the file.</summary>
    public string File { get; }
}

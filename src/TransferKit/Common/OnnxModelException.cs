namespace TransferKit;

/// <summary>
/// Thrown when an <c>.onnx</c> file, or its <c>preprocessor_config.json</c>, does not describe an image model that TransferKit can run. The
/// message names the file, what was found, and what to do.
/// </summary>
public sealed class OnnxModelException : TransferKitException
{
    internal OnnxModelException(string file, string problem, Exception? innerException = null)
        : base($"'{file}' cannot be run as an image model: {problem}", innerException) => File = file;

    /// <summary>Gets the path of the file.</summary>
    public string File { get; }
}

namespace TransferKit;

/// <summary>Thrown when a trained model's files, or a checkpoint of a training, are damaged, incomplete or of another training.</summary>
public sealed class TrainedModelException : TransferKitException
{
    private TrainedModelException(string message, Exception? inner, string path) : base(message, inner) => Path = path;

    internal TrainedModelException(string path, string what, Exception? inner = null)
        : this($"The trained model '{path}' cannot be used: {what}", inner, path) { }

    /// <summary>The model's weight file, or the checkpoint.</summary>
    public string Path { get; }

    internal static TrainedModelException OfCheckpoint(string path, string what, Exception? inner = null) =>
        new($"The checkpoint '{path}' cannot be continued from: {what}", inner, path);
}

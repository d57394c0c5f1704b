namespace TransferKit;

/// <summary>Thrown when a trained model's files or a checkpoint are corrupt, incomplete or from another training.</summary>
public sealed class TrainedModelException : TransferKitException
{
    private TrainedModelException(string message, Exception? inner, string path) : base(message, inner) => Path = path;

    internal TrainedModelException(string path, string what, Exception? inner = null)
        : this($"The trained model '{path}' cannot be used: {what}", inner, path) { }

    /// <summary>Gets the path of the model's weight file or of the checkpoint.</summary>
    public string Path { get; }

    internal static TrainedModelException OfCheckpoint(string path, string what, Exception? inner = null) =>
        new($"Training cannot resume from the checkpoint '{path}': {what}", inner, path);
}

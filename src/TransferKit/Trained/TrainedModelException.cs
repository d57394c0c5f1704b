namespace TransferKit;

/// <summary>A trained model's files are not whole or not understood.</summary>
public sealed class TrainedModelException : TransferKitException
{
    internal TrainedModelException(string path, string what, Exception? inner = null)
        : base($"The trained model '{path}' cannot be used: {what}", inner) => Path = path;

    /// <summary>The model's weight file.</summary>
    public string Path { get; }
}

namespace TransferKit;

/// <summary>Thrown when a list or an archive of pictures contradicts itself or cannot be read.</summary>
public sealed class ImageListException : TransferKitException
{
    internal ImageListException(string path, string why, Exception? innerException = null)
        : base($"'{path}': {why}", innerException) => Path = path;

    /// <summary>Gets the path of the list or archive.</summary>
    public string Path { get; }
}

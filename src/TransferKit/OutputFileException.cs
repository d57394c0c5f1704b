namespace TransferKit;

/// <summary>A file cannot be written where it was asked for; nothing of it is left behind.</summary>
public sealed class OutputFileException : TransferKitException
{
    internal OutputFileException(string path, string why, Exception? innerException = null)
        : base($"'{path}' cannot be written: {why}", innerException) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    internal static void Wrapping(string path, Action write) => Wrapping(path, () =>
    {
        write();
        return true;
    });

    internal static T Wrapping<T>(string path, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new OutputFileException(path, e.Message, e);
        }
    }
}

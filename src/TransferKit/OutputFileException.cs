namespace TransferKit;

/// <summary>A file cannot be written where it was asked for; nothing of it is left behind.</summary>
public sealed class OutputFileException : TransferKitException
{
    internal OutputFileException(string path, string why, Exception? innerException = null)
        : base($"'{path}' cannot be written: {why}", innerException) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Tells at once, before hours of work, where a file could not be written at their end.</summary>
    internal static void ThrowIfUnwritable(string path)
    {
        var target = System.IO.Path.GetFullPath(path);
        var folder = System.IO.Path.GetDirectoryName(target);
        if (Directory.Exists(target))
            throw new OutputFileException(path, "there is a folder of that name");
        if (!Directory.Exists(folder))
            throw new OutputFileException(path, $"there is no folder '{folder}'");
        var probe = System.IO.Path.Combine(folder, $".{System.IO.Path.GetFileName(target)}.{Guid.NewGuid():N}");
        Wrapping(path, () => new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose());
    }

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
        // The last is what .NET makes of a file that grows past what its file system or its user may hold.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentOutOfRangeException { ParamName: "value" })
        {
            throw new OutputFileException(path, e.Message, e);
        }
    }
}

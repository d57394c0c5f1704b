namespace TransferKit.Common;

/// <summary>
/// Represents a folder in the system's temporary folder, for its owner alone. Disposal deletes it. If the process is killed instead, a
/// later process that needs such a folder deletes it, once it is a day old.
/// </summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>The beginning of all names in the system's temporary folder; they are hidden.</summary>
    public const string Prefix = ".transferkit-";

    private const string LockFile = ".lock";

    private static readonly Lock Sweeping = new();
    private static string? s_swept;

    private readonly FileStream _lock;

    public TemporaryFolder()
    {
        var parent = System.IO.Path.GetTempPath();
        Sweep(parent);
        Path = System.IO.Path.Combine(parent, $"{Prefix}{Guid.NewGuid():N}");
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Path);
        else
            Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            // The lock is held as long as the folder is in use, which may be longer than a day.
            _lock = new(System.IO.Path.Combine(Path, LockFile), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch
        {
            Folders.TryDelete(Path);
            throw;
        }
    }

    public string Path { get; }

    /// <summary>Returns the path of a new hidden file in the system's temporary folder, and deletes abandoned ones.</summary>
    public static string NewFile(string extension)
    {
        var parent = System.IO.Path.GetTempPath();
        Sweep(parent);
        return System.IO.Path.Combine(parent, $"{Prefix}{Guid.NewGuid():N}.{extension}");
    }

    public void Dispose()
    {
        _lock.Dispose();
        Folders.TryDelete(Path);
    }

    // The system's temporary folder may have many files, so a process looks through it once.
    private static void Sweep(string parent)
    {
        lock (Sweeping)
        {
            if (s_swept == parent)
                return;
            s_swept = parent;
        }
        try
        {
            AbandonedFiles.DeleteFolders(parent, Prefix, LockFile);
            foreach (var extension in (string[])["tmp", "rows", "h5", "pictures"])
                AbandonedFiles.Delete(parent, Prefix, $".{extension}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder cannot be listed; the writer of the new file reports what matters.
        }
    }
}

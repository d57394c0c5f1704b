namespace TransferKit.Common;

/// <summary>
/// Writes a file atomically: readers see the old content or the complete new one. The bytes go to a temporary file. <see cref="Commit"/>
/// renames it to the target, or copies it into a pipe or a device.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private const string TemporaryExtension = "tmp";

    // No write takes this long, so an older temporary file belongs to a process that was killed.
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private readonly OutputTarget _target;

    /// <summary>Initializes the writer with a new temporary name; creates no file.</summary>
    public AtomicFile(OutputTarget target)
    {
        _target = target;
        TemporaryPath = target.Beside(TemporaryExtension);
        if (!target.IsStream)
            DeleteAbandoned(target.File);
    }

    /// <summary>Gets the path of the temporary file.</summary>
    public string TemporaryPath { get; }

    /// <summary>Writes a complete file.</summary>
    /// <param name="path">Path of the file to write or replace.</param>
    /// <param name="write">Callback that writes the content to a seekable stream.</param>
    /// <param name="create">Factory for the temporary file, for tests. Defaults to <see cref="Create"/>.</param>
    /// <exception cref="OutputFileException">The disk is full or the folder is not writable; the old file is unchanged.</exception>
    public static void Write(string path, Action<Stream> write, Func<string, Stream>? create = null) =>
        Write(OutputTarget.Of(path), write, create);

    /// <inheritdoc cref="Write(string, Action{Stream}, Func{string, Stream})"/>
    public static void Write(OutputTarget target, Action<Stream> write, Func<string, Stream>? create = null)
    {
        using var file = new AtomicFile(target);
        OutputFileException.Wrapping(target.Path, () =>
        {
            using (var stream = create?.Invoke(file.TemporaryPath) ?? file.Create())
            {
                write(stream);
                (stream as FileStream)?.Flush(flushToDisk: true);
            }
            file.Commit();
        }, file.TemporaryPath);
    }

    /// <summary>Creates the temporary file, locked against other processes.</summary>
    public FileStream Create()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 1 << 16,
        };
        // The temporary file is created with the old file's permissions, so it is never readable by more users than the old file.
        if (Permissions is { } permissions && !OperatingSystem.IsWindows())
            options.UnixCreateMode = permissions | UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(TemporaryPath, options);
    }

    /// <summary>Replaces the target with the temporary file.</summary>
    public void Commit()
    {
        if (_target.IsStream)
        {
            using var source = File.OpenRead(TemporaryPath);
            // Append keeps the earlier content of an open file behind /dev/stdout.
            using var stream = new FileStream(_target.File, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            source.CopyTo(stream, 1 << 20);
            return;
        }
        if (Permissions is { } permissions && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(TemporaryPath, permissions);
        File.Move(TemporaryPath, _target.File, overwrite: true);
    }

    /// <summary>Deletes the temporary file if it was not committed.</summary>
    public void Dispose() => File.Delete(TemporaryPath);

    private UnixFileMode? Permissions =>
        !OperatingSystem.IsWindows() && !_target.IsStream && File.Exists(_target.File) ? File.GetUnixFileMode(_target.File) : null;

    private static void DeleteAbandoned(string target)
    {
        var (folder, name) = (Path.GetDirectoryName(target)!, Path.GetFileName(target));
        // A folder may be writable but not readable; abandoned files then stay.
        var readable = new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };
        foreach (var file in Directory.EnumerateFiles(folder, $".{name}.*.{TemporaryExtension}", readable))
        {
            var middle = Path.GetFileName(file.AsSpan())[(name.Length + 2)..^(TemporaryExtension.Length + 1)];
            if (Guid.TryParseExact(middle, "N", out _) && DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > Abandoned)
                TryDelete(file);
        }
    }

    // A running writer locks its file, so the exclusive open fails. The age protects its file on network folders without locks.
    private static void TryDelete(string file)
    {
        try
        {
            new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process or user owns the file, and it does not disturb this write.
        }
    }
}

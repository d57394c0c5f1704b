namespace TransferKit.Common;

/// <summary>
/// Writes a file atomically: readers see the old content or the complete new one. The bytes go to a temporary file. <see cref="Commit"/>
/// renames it to the target, or copies it into a pipe or a device.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly OutputTarget _target;

    /// <summary>Initializes the writer with a new temporary name; creates no file.</summary>
    public AtomicFile(OutputTarget target) => (_target, TemporaryPath) = (target, target.Beside("tmp"));

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
            if (!target.IsStream)
                Folders.Flush(Path.GetDirectoryName(target.File)!);
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
}

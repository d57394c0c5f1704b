namespace TransferKit.Common;

/// <summary>
/// Writes a file so that readers see the old one or the whole new one. The bytes go to a temporary file, which <see cref="Commit"/> renames
/// to the target, or copies into it where that is a pipe or a device.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private const string TemporaryExtension = "tmp";

    // Longer than any file takes to write: a process that was killed left it.
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private readonly OutputTarget _target;

    /// <summary>Chooses the temporary name; nothing is created yet.</summary>
    public AtomicFile(OutputTarget target)
    {
        _target = target;
        TemporaryPath = target.Beside(TemporaryExtension);
        if (!target.IsStream)
            DeleteAbandoned(target.File);
    }

    /// <summary>The file to write, until <see cref="Commit"/>.</summary>
    public string TemporaryPath { get; }

    /// <summary>Writes a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the contents to a stream that can seek.</param>
    /// <param name="create">Creates the temporary file; for tests.</param>
    /// <exception cref="OutputFileException">The disk is full, or the folder cannot be written to; the old file is as it was.</exception>
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

    /// <summary>Creates the temporary file, which other processes see as in use.</summary>
    public FileStream Create()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 1 << 16,
        };
        // From its first byte on, the new file is as private as the old one.
        if (Permissions is { } permissions && !OperatingSystem.IsWindows())
            options.UnixCreateMode = permissions | UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(TemporaryPath, options);
    }

    /// <summary>Puts the written file in the target's place.</summary>
    public void Commit()
    {
        if (_target.IsStream)
        {
            using var source = File.OpenRead(TemporaryPath);
            // Append also suits an open file behind /dev/stdout, whose earlier contents stay.
            using var stream = new FileStream(_target.File, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            source.CopyTo(stream, 1 << 20);
            return;
        }
        if (Permissions is { } permissions && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(TemporaryPath, permissions);
        File.Move(TemporaryPath, _target.File, overwrite: true);
    }

    /// <summary>Deletes what was not committed.</summary>
    public void Dispose() => File.Delete(TemporaryPath);

    private UnixFileMode? Permissions =>
        !OperatingSystem.IsWindows() && !_target.IsStream && File.Exists(_target.File) ? File.GetUnixFileMode(_target.File) : null;

    private static void DeleteAbandoned(string target)
    {
        var (folder, name) = (Path.GetDirectoryName(target)!, Path.GetFileName(target));
        // A folder that may be written and not listed is left as it is.
        var readable = new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };
        foreach (var file in Directory.EnumerateFiles(folder, $".{name}.*.{TemporaryExtension}", readable))
        {
            var middle = Path.GetFileName(file.AsSpan())[(name.Length + 2)..^(TemporaryExtension.Length + 1)];
            if (Guid.TryParseExact(middle, "N", out _) && DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > Abandoned)
                TryDelete(file);
        }
    }

    // A live writer holds its file open, which the exclusive open detects; on a network folder without locks the age protects it.
    private static void TryDelete(string file)
    {
        try
        {
            new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is in use or another user's, and in the way of nothing.
        }
    }
}

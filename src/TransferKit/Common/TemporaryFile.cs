namespace TransferKit.Common;

/// <summary>
/// Creates files in the system's temporary folder that vanish when they are closed, however the process ends. Unix unlinks the name at
/// once; Windows deletes it with the last handle.
/// </summary>
internal static class TemporaryFile
{
    /// <summary>
    /// The longest file that is unpacked or copied from a stream: 8 GiB, about twice Keras' largest model with its optimizer.
    /// </summary>
    public const long LongestLength = 8L << 30;

    private const int BufferLength = 1 << 20;

    /// <summary>Copies a stream into a temporary file, which is positioned at its start.</summary>
    /// <param name="head">Bytes that the caller has already read from the stream.</param>
    /// <param name="source">Stream to copy, which stays open.</param>
    /// <param name="mostBytes">Largest number of bytes to copy.</param>
    /// <param name="reserve">Number of bytes to reserve on disk, or 0 if the length is unknown.</param>
    /// <exception cref="OutputFileException">The disk is full or the folder is not writable.</exception>
    public static FileStream Of(ReadOnlySpan<byte> head, Stream source, long mostBytes, long reserve = 0)
    {
        var path = Path.Combine(Path.GetTempPath(), $"transferkit-{Path.GetRandomFileName()}.h5");
        var file = OutputFileException.Wrapping(path, () => Create(path, reserve));
        try
        {
            var buffer = new byte[BufferLength];
            head.CopyTo(buffer);
            var read = head.Length;
            do
            {
                OutputFileException.Wrapping(path, () => file.Write(buffer, 0, read));
                read = source.Read(buffer, 0, (int)Math.Clamp(mostBytes - file.Position, 0, buffer.Length));
            }
            while (read > 0);
            OutputFileException.Wrapping(path, file.Flush);
            file.Position = 0;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Creates a temporary file at a path, which names it for a moment on Unix and until it is closed on Windows.</summary>
    /// <param name="path">Path of a file that does not exist.</param>
    /// <param name="reserve">Number of bytes to reserve on disk, or 0 if the length is unknown.</param>
    public static FileStream Create(string path, long reserve = 0)
    {
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
            PreallocationSize = reserve,
            BufferSize = 1 << 16,
        });
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return file;
    }
}

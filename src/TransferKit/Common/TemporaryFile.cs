namespace TransferKit.Common;

/// <summary>
/// A file in the system's folder for temporary files that is gone when it is closed, whatever ends the process: Unix
/// removes its name at once, Windows removes it with its last handle.
/// </summary>
internal static class TemporaryFile
{
    /// <summary>
    /// The longest file that is unpacked, or copied from a stream: 8 GiB, about twice Keras' largest model with its optimizer.
    /// </summary>
    public const long LongestLength = 8L << 30;

    private const int BufferLength = 1 << 20;

    /// <summary>Copies a stream into a temporary file, which is positioned at its start.</summary>
    /// <param name="head">Bytes that were read from the stream already.</param>
    /// <param name="source">The stream, which stays open.</param>
    /// <param name="mostBytes">Where copying ends if the stream does not.</param>
    /// <param name="reserve">The space to reserve before the first byte; 0 where the length is not known.</param>
    /// <exception cref="OutputFileException">The disk is full, or the folder cannot be written to.</exception>
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

    private static FileStream Create(string path, long reserve)
    {
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
            PreallocationSize = reserve,
        });
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return file;
    }
}

namespace TransferKit;

/// <summary>Files that are either the old ones or the whole new ones.</summary>
internal static class WholeFile
{
    /// <summary>Writes beside the target, to the disk, and renames.</summary>
    /// <exception cref="OutputFileException">The disk is full, or the folder cannot be written to; the old file is as it was.</exception>
    public static void Write(string path, Action<Stream> write, Func<string, Stream>? create = null)
    {
        var target = Path.GetFullPath(path);
        var beside = $"{target}.{Path.GetRandomFileName()}.tmp";
        OutputFileException.Wrapping(target, () =>
        {
            try
            {
                using (var stream = create?.Invoke(beside) ?? new FileStream(beside, FileMode.CreateNew, FileAccess.ReadWrite))
                {
                    write(stream);
                    (stream as FileStream)?.Flush(flushToDisk: true);
                }
                File.Move(beside, target, overwrite: true);
            }
            catch
            {
                File.Delete(beside);
                throw;
            }
        });
    }
}

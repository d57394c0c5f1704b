namespace TransferKit.Common;

/// <summary>Represents the path of an output file, checked before the work that produces its content.</summary>
/// <param name="Path">The full path as the caller named it, for messages.</param>
/// <param name="File">The file behind any links, which is replaced.</param>
/// <param name="IsStream">Whether the path is a pipe or a device, which cannot be replaced.</param>
internal readonly record struct OutputTarget(string Path, string File, bool IsStream)
{
    // Linux follows as many.
    private const int MostLinks = 40;

    /// <summary>Resolves links and refuses paths that cannot be written, before any work is done.</summary>
    /// <param name="path">Path of the output file.</param>
    /// <param name="extensions">The extensions of the supported formats, such as <c>.npz</c>; empty for any.</param>
    /// <exception cref="OutputFormatException">The extension is not supported. Pipes and devices need no extension.</exception>
    /// <exception cref="OutputFileException">The path is a folder or a disk, or its folder does not exist.</exception>
    public static OutputTarget Of(string path, params ReadOnlySpan<string> extensions)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = System.IO.Path.GetFullPath(path);
        switch (FileKinds.Of(full))
        {
            case FileKind.Folder:
                throw new OutputFileException(path, "there is a folder of that name");
            case FileKind.BlockDevice:
                throw new OutputFileException(path, "it is a disk, and writing there would destroy what it holds. Name a file");
            case FileKind.Other:
                throw new OutputFileException(path, "it is a socket or another special file. Name a file, a pipe or a device");
            case FileKind.Pipe or FileKind.CharacterDevice:
                return new(full, full, IsStream: true);
        }
        var file = FollowLinks(path, full);
        if (IsOpenFile(file))
            return new(full, full, IsStream: true);
        OutputFormatException.ThrowIfUnknown(path, extensions);
        var folder = System.IO.Path.GetDirectoryName(file);
        return Directory.Exists(folder)
            ? new(full, file, IsStream: false)
            : throw new OutputFileException(path, $"there is no folder '{folder}'");
    }

    /// <summary>
    /// Resolves a path and creates a test file beside it, so that a folder without write access fails before hours of work.
    /// </summary>
    /// <inheritdoc cref="Of"/>
    public static OutputTarget OfWritable(string path, params ReadOnlySpan<string> extensions)
    {
        var target = Of(path, extensions);
        if (target.IsStream)
            return target;
        var probe = target.Beside("tmp");
        OutputFileException.Wrapping(
            path,
            () => new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose(),
            probe);
        return target;
    }

    /// <summary>Takes a path as it is: a link there is replaced by the file.</summary>
    public static OutputTarget Itself(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        return new(full, full, IsStream: false);
    }

    /// <summary>Throws if the path is a pipe or a device, for results of several files.</summary>
    public void ThrowIfStream(string why)
    {
        if (IsStream)
            throw new OutputFileException(Path, $"it is a pipe or a device, and {why}. Name a file");
    }

    /// <summary>
    /// Returns a new hidden name beside the file, or in the system's temporary folder for a pipe or a device. Deletes abandoned files of
    /// such names.
    /// </summary>
    public string Beside(string extension)
    {
        if (IsStream)
            return TemporaryFolder.NewFile(extension);
        var (folder, start) = (System.IO.Path.GetDirectoryName(File)!, $".{System.IO.Path.GetFileName(File)}.");
        AbandonedFiles.Delete(folder, start, $".{extension}");
        return System.IO.Path.Combine(folder, $"{start}{Guid.NewGuid():N}.{extension}");
    }

    // A link to a missing file is followed too, because writing creates that file.
    private static string FollowLinks(string path, string full)
    {
        var file = full;
        for (var links = 0; !IsOpenFile(file) && new FileInfo(file).LinkTarget is { } target; links++)
        {
            if (links == MostLinks)
                throw new OutputFileException(path, "its links lead in a circle");
            file = System.IO.Path.GetFullPath(target, System.IO.Path.GetDirectoryName(file)!);
        }
        return file;
    }

    // The owner of an open file, such as the one behind /dev/stdout, expects the bytes in that file and not in a new one.
    private static bool IsOpenFile(string file) => !OperatingSystem.IsWindows()
        && (file.StartsWith("/proc/", StringComparison.Ordinal) || file.StartsWith("/dev/fd/", StringComparison.Ordinal));
}

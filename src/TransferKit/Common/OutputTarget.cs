namespace TransferKit.Common;

/// <summary>A path that is to be written, checked before the work whose result goes there.</summary>
/// <param name="Path">The full path as the caller named it, for messages.</param>
/// <param name="File">The file behind any links: the one that is replaced.</param>
/// <param name="IsStream">Whether it is a pipe or a device, which takes bytes and cannot be replaced.</param>
internal readonly record struct OutputTarget(string Path, string File, bool IsStream)
{
    // As many as Linux follows.
    private const int MostLinks = 40;

    /// <summary>Resolves links and refuses what cannot be written, before any work is done.</summary>
    /// <param name="path">The path.</param>
    /// <param name="extensions">The extensions of the formats that can be written there, such as <c>.npz</c>; empty for any.</param>
    /// <exception cref="OutputFormatException">The extension is none of these. Pipes and devices need none.</exception>
    /// <exception cref="OutputFileException">It is a folder or a disk, or its folder is absent.</exception>
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
        return Directory.Exists(folder) ? new(full, file, IsStream: false) : throw new OutputFileException(path, $"there is no folder '{folder}'");
    }

    /// <summary>Reports at once, before hours of work, that a file could not be written at their end.</summary>
    /// <inheritdoc cref="Of"/>
    public static OutputTarget OfWritable(string path, params ReadOnlySpan<string> extensions)
    {
        var target = Of(path, extensions);
        if (target.IsStream)
            return target;
        var probe = target.Beside("tmp");
        OutputFileException.Wrapping(
            path, () => new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose(), probe);
        return target;
    }

    /// <summary>Refuses a pipe or a device where one file is not all that is written.</summary>
    public void ThrowIfStream(string why)
    {
        if (IsStream)
            throw new OutputFileException(Path, $"it is a pipe or a device, and {why}. Name a file");
    }

    /// <summary>A new hidden name beside the file, or in the system's temporary folder for a pipe or a device.</summary>
    public string Beside(string extension) => System.IO.Path.Combine(
        IsStream ? System.IO.Path.GetTempPath() : System.IO.Path.GetDirectoryName(File)!,
        $".{System.IO.Path.GetFileName(File)}.{Guid.NewGuid():N}.{extension}");

    // A link to a file that is absent is followed too: that file is created.
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

    // Such as the one behind /dev/stdout: its owner expects the bytes in it, and not another file in its place.
    private static bool IsOpenFile(string file) => !OperatingSystem.IsWindows()
        && (file.StartsWith("/proc/", StringComparison.Ordinal) || file.StartsWith("/dev/fd/", StringComparison.Ordinal));
}

namespace TransferKit;

/// <summary>The files of a folder in a stable order: by path, character by character, the same on every system.</summary>
internal static class FolderListing
{
    public static IReadOnlyList<string> Of(string folder, bool recursive)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = recursive,
            AttributesToSkip = FileAttributes.None,
            IgnoreInaccessible = false,
        };
        var files = new List<string>();
        foreach (var path in Directory.EnumerateFiles(folder, "*", options))
        {
            var relative = Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
            if (!relative.Split('/').Any(part => part.StartsWith('.')) && (File.GetAttributes(path) & FileAttributes.Hidden) == 0)
                files.Add(relative);
        }
        if (files.Count == 0)
            throw new EmptyFolderException(folder, recursive);
        files.Sort(StringComparer.Ordinal);
        return files;
    }
}

/// <summary>A folder holds no file to read.</summary>
public sealed class EmptyFolderException : TransferKitException
{
    internal EmptyFolderException(string folder, bool recursive)
        : base($"The folder '{folder}' holds no files{(recursive ? "" : "; folders below it count only when recursive")}.") => Folder = folder;

    /// <summary>The folder.</summary>
    public string Folder { get; }
}

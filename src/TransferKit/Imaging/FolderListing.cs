using System.IO.Enumeration;
using TransferKit.Common;

namespace TransferKit.Imaging;

/// <summary>Represents a file below a folder, or a name that could not be listed, with its error.</summary>
/// <param name="Path">Path relative to the folder, with forward slashes.</param>
/// <param name="Error">Error that prevents reading; null for a file that may be readable.</param>
internal readonly record struct FolderEntry(string Path, Exception? Error = null);

/// <summary>Lists the files of a folder by path in ordinal order, which is the same on every system.</summary>
internal static class FolderListing
{
    private static readonly StringComparison OfPaths =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Lists all files except hidden ones and <paramref name="except"/>.</summary>
    public static IReadOnlyList<FolderEntry> Of(string folder, bool recursive, string? except = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{Printable.Of(folder)}'.");
        var entries = new List<FolderEntry>();
        List(new(folder), "", recursive, entries);
        if (except is not null)
            entries.RemoveAll(e => string.Equals(Path.GetFullPath(e.Path, Path.GetFullPath(folder)), Path.GetFullPath(except), OfPaths));
        if (entries.Count == 0)
            throw NoImagesException.NoFiles(folder, recursive);
        entries.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return entries;
    }

    private static void List(DirectoryInfo folder, string prefix, bool recursive, List<FolderEntry> entries)
    {
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.Hidden, IgnoreInaccessible = false };
        // A folder may have millions of files, so only their paths are allocated.
        var found = new FileSystemEnumerable<(string Path, bool IsFolder)>(
            folder.FullName, (ref FileSystemEntry entry) => (string.Concat(prefix, entry.FileName), entry.IsDirectory), options)
        {
            // Names with a leading dot are hidden on Windows too, so that a folder gives the same list on every system.
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.FileName.StartsWith('.'),
        };
        foreach (var (path, isFolder) in found)
        {
            var full = Path.Combine(folder.FullName, path[prefix.Length..]);
            if (!isFolder)
                entries.Add(new(path, NameError(full)));
            else if (recursive && NameError(full) is { } error)
                entries.Add(new(path, error));
            else if (recursive)
                ListBelow(new(full), path, entries);
        }
    }

    // .NET replaces bytes that are not UTF-8 by U+FFFD and then cannot open the file or folder.
    private static FileNotFoundException? NameError(string path) => path.Contains('\uFFFD') && !Path.Exists(path)
        ? new($"The name of '{Printable.Of(Path.GetFileName(path))}' is not UTF-8, so it cannot be opened. Rename it.")
        : null;

    private static void ListBelow(DirectoryInfo folder, string path, List<FolderEntry> entries)
    {
        try
        {
            if (folder.LinkTarget is not null)
            {
                throw new IOException(
                    $"'{Printable.Of(path)}' is a link to a folder. Links to folders are not followed, because they may lead back to a "
                    + "folder above. Name that folder, or move it here.");
            }
            List(folder, $"{path}/", recursive: true, entries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            entries.Add(new(path, e));
        }
    }
}

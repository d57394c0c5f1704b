using System.IO.Enumeration;
using TransferKit.Common;

namespace TransferKit.Imaging;

/// <summary>A file below a folder, or what could not be listed or named there and why.</summary>
/// <param name="Path">Its path below the folder, with forward slashes.</param>
/// <param name="Error">Why it cannot be read; null for a file that may be.</param>
internal readonly record struct FolderEntry(string Path, Exception? Error = null);

/// <summary>The files of a folder in a stable order: by path, character by character, the same on every system.</summary>
internal static class FolderListing
{
    private static readonly StringComparison OfPaths =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>All files but the hidden ones and the one named.</summary>
    public static IReadOnlyList<FolderEntry> Of(string folder, bool recursive, string? except = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
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
        // Nothing is made for a file but its path: there may be millions.
        var found = new FileSystemEnumerable<(string Path, bool IsFolder)>(
            folder.FullName, (ref FileSystemEntry entry) => (string.Concat(prefix, entry.FileName), entry.IsDirectory), options)
        {
            // Hidden everywhere, although Windows has no such custom.
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.FileName.StartsWith('.'),
        };
        foreach (var (path, isFolder) in found)
        {
            if (!isFolder)
                entries.Add(new(path, NameError(folder, path[prefix.Length..])));
            else if (recursive)
                ListBelow(new(Path.Combine(folder.FullName, path[prefix.Length..])), path, entries);
        }
    }

    // .NET puts U+FFFD in place of bytes that are not UTF-8, and then finds no file of that name.
    private static FileNotFoundException? NameError(DirectoryInfo folder, string name) =>
        name.Contains('\uFFFD') && !File.Exists(Path.Combine(folder.FullName, name))
            ? new($"The name of '{Printable.Of(name)}' is not UTF-8, so the file cannot be opened. Rename it.")
            : null;

    private static void ListBelow(DirectoryInfo folder, string path, List<FolderEntry> entries)
    {
        try
        {
            // A link may lead back to a folder above it, and its pictures would count once for every turn.
            if (folder.LinkTarget is null)
                List(folder, $"{path}/", recursive: true, entries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            entries.Add(new(path, e));
        }
    }
}

using System.IO.Enumeration;
using TransferKit.Common;

namespace TransferKit.Imaging;

/// <summary>Represents a file below a folder, or a name that could not be listed, with its error.</summary>
/// <param name="Path">Path relative to the folder, with forward slashes.</param>
/// <param name="Error">Error that prevents reading; null for a file that may be readable.</param>
/// <param name="Stamp">Length and time of the file, which tell whether it was changed; null unless the listing asks for them.</param>
internal readonly record struct FolderEntry(string Path, Exception? Error = null, FileStamp? Stamp = null);

/// <summary>Represents the length of a file in bytes and the time of its last change in UTC, which tell whether it was changed.</summary>
internal readonly record struct FileStamp(long Length, DateTime Modified);

/// <summary>Lists the files of a folder by path in ordinal order, which is the same on every system.</summary>
internal static class FolderListing
{
    private static readonly Comparer<FolderEntry> ByPath = Comparer<FolderEntry>.Create((a, b) => string.CompareOrdinal(a.Path, b.Path));

    private const char Replaced = '\uFFFD';
    private const int FoldersAtOnce = 64;

    private static readonly StringComparison OfPaths =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Lists all files except hidden ones and <paramref name="except"/>.</summary>
    /// <param name="folder">Path of the folder.</param>
    /// <param name="recursive">Whether subfolders are listed too.</param>
    /// <param name="except">Path of a file, or of a folder with all that it holds, that is left out; null for none.</param>
    /// <param name="withStamps">Whether each file gets a stamp, which costs a system call a file.</param>
    public static IReadOnlyList<FolderEntry> Of(string folder, bool recursive, string? except = null, bool withStamps = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{Printable.Of(folder)}'.");
        var root = Path.GetFullPath(folder);
        var (entries, folders) = List(root, "", withStamps);
        while (recursive && folders.Count > 0)
        {
            var below = new List<string>();
            // The system answers for several folders at once. Few of them wait here for their place, so that no file is in two long lists.
            foreach (var paths in folders.Chunk(FoldersAtOnce))
            {
                var lists = new (List<FolderEntry> Entries, List<string> Folders)[paths.Length];
                Parallel.For(0, paths.Length, i => lists[i] = ListBelow(root, paths[i], withStamps));
                foreach (var list in lists)
                {
                    entries.AddRange(list.Entries);
                    below.AddRange(list.Folders);
                }
            }
            folders = below;
        }
        if (except is not null)
            Remove(entries, folder, except);
        if (entries.Count == 0)
            throw NoImagesException.NoFiles(folder, recursive);
        if (!IsSorted(entries))
            entries.Sort(ByPath);
        return entries;
    }

    private static void Remove(List<FolderEntry> entries, string folder, string except)
    {
        var path = Path.GetRelativePath(folder, except).Replace('\\', '/').TrimEnd('/');
        entries.RemoveAll(e => e.Path.StartsWith(path, OfPaths) && (e.Path.Length == path.Length || e.Path[path.Length] == '/'));
    }

    // Returns the files of one folder, and the paths of the folders in it, which end with a slash.
    private static (List<FolderEntry> Entries, List<string> Folders) List(string folder, string prefix, bool withStamps)
    {
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.Hidden, IgnoreInaccessible = false };
        var (entries, folders) = (new List<FolderEntry>(), new List<string>());
        using (var stamps = withStamps ? new FolderStamps(folder) : null)
        {
            // A folder may have millions of files, so only their paths are allocated.
            var found = new FileSystemEnumerable<(string Path, bool IsFolder, FileStamp? Stamp)>(
                folder,
                (ref FileSystemEntry entry) => entry.IsDirectory
                    ? (string.Concat(prefix, entry.FileName, "/"), true, null)
                    : (string.Concat(prefix, entry.FileName), false, stamps is null ? null : StampOf(ref entry, stamps)),
                options)
            {
                // Names with a leading dot are hidden on Windows too, so that a folder gives the same list on every system.
                ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.FileName.StartsWith('.'),
            };
            foreach (var (path, isFolder, stamp) in found)
            {
                if (isFolder)
                    folders.Add(path);
                else
                    entries.Add(new(path, path.Contains(Replaced) ? NameError(Path.Combine(folder, path[prefix.Length..])) : null, stamp));
            }
        }
        // Files of one folder lie together in memory, and are sorted faster than all of them at the end.
        entries.Sort(ByPath);
        folders.Sort(StringComparer.Ordinal);
        return (entries, folders);
    }

    private static bool IsSorted(List<FolderEntry> entries)
    {
        for (var i = 1; i < entries.Count; i++)
        {
            if (ByPath.Compare(entries[i - 1], entries[i]) > 0)
                return false;
        }
        return true;
    }

    // A link has a length and a time of its own, but the file that it leads to is read. Broken links have no stamp.
    private static FileStamp? StampOf(ref FileSystemEntry entry, FolderStamps stamps) => stamps.Of(entry.FileName) is { } stamp ? stamp
        : (entry.Attributes & FileAttributes.ReparsePoint) == 0 ? new(entry.Length, entry.LastWriteTimeUtc.UtcDateTime)
        : StampOf(new FileInfo(entry.ToFullPath()));

    /// <summary>Gets the stamp of a file behind any links; null if there is no such file.</summary>
    public static FileStamp? StampOf(FileInfo file)
    {
        try
        {
            return (file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true)) is FileInfo { Exists: true } target
                ? new(target.Length, target.LastWriteTimeUtc)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Returns the error of a path whose name is not UTF-8, or null. .NET replaces such bytes by U+FFFD and then cannot open the file.
    /// </summary>
    public static FileNotFoundException? NameError(string path) => path.Contains(Replaced) && !Path.Exists(path)
        ? new($"The name of '{Printable.Of(Path.GetFileName(path))}' is not UTF-8, so it cannot be opened. Rename it, and save a list that "
            + "names it as UTF-8.")
        : null;

    // The path of a folder ends with a slash, and that of its error does not.
    private static (List<FolderEntry> Entries, List<string> Folders) ListBelow(string root, string path, bool withStamps)
    {
        var name = path[..^1];
        var folder = new DirectoryInfo(Path.Combine(root, name));
        try
        {
            if (name.Contains(Replaced) && NameError(folder.FullName) is { } error)
                throw error;
            if (folder.LinkTarget is not null)
            {
                throw new IOException(
                    $"'{Printable.Of(name)}' is a link to a folder. Links to folders are not followed, because they may lead back to a "
                    + "folder above. Name that folder, or move it here.");
            }
            return List(folder.FullName, path, withStamps);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ([new(name, e)], []);
        }
    }
}

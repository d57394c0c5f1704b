namespace TransferKit.Common;

/// <summary>
/// Deletes temporary files that killed processes have left, by name and age. A file of a running process is locked or young, and stays.
/// </summary>
internal static class AbandonedFiles
{
    // No write takes this long, so an older temporary file belongs to a process that was killed.
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    // A folder may be writable but not readable; abandoned files then stay.
    private static readonly EnumerationOptions Readable =
        new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None, MatchType = MatchType.Simple };

    /// <summary>Deletes the abandoned files of a folder.</summary>
    /// <param name="folder">Folder of the files.</param>
    /// <param name="start">Text before the <see cref="Guid"/> in their names.</param>
    /// <param name="end">Text after it.</param>
    public static void Delete(string folder, string start, string end)
    {
        foreach (var file in Directory.EnumerateFiles(folder, $"{start}*{end}", Readable))
        {
            if (IsOfAGuid(Path.GetFileName(file), start, end) && IsOld(file))
                TryDelete(file);
        }
    }

    /// <summary>Deletes the abandoned folders in a folder, each of which has a lock file.</summary>
    /// <param name="folder">Folder of the folders.</param>
    /// <param name="start">Text before the <see cref="Guid"/> in their names.</param>
    /// <param name="lockFile">Name of the lock file in each.</param>
    public static void DeleteFolders(string folder, string start, string lockFile)
    {
        foreach (var found in Directory.EnumerateDirectories(folder, $"{start}*", Readable))
        {
            // A link could lead to a folder of another owner.
            if (IsOfAGuid(Path.GetFileName(found), start, "") && new DirectoryInfo(found).LinkTarget is null && IsOld(found)
                && (!File.Exists(Path.Combine(found, lockFile)) || TryDelete(Path.Combine(found, lockFile))))
            {
                Folders.TryDelete(found);
            }
        }
    }

    private static bool IsOfAGuid(string name, string start, string end) =>
        name.Length > start.Length + end.Length && Guid.TryParseExact(name.AsSpan(start.Length..^end.Length), "N", out _);

    private static bool IsOld(string path) => DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > Age;

    // A running writer locks its file, so the exclusive open fails. The age protects its file on network folders without locks.
    private static bool TryDelete(string file)
    {
        try
        {
            new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process or user owns the file, and it does not disturb this one.
            return false;
        }
    }
}

using System.Runtime.InteropServices;

namespace TransferKit.Common;

/// <summary>Moves, deletes and flushes whole folders.</summary>
internal static partial class Folders
{
    /// <summary>Renames a complete folder; returns false if the name is taken or the rename is refused.</summary>
    public static bool TryMove(string from, string to)
    {
        try
        {
            Directory.Move(from, to);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Deletes a folder as far as possible. On Windows, files that another process holds open remain.</summary>
    public static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>
    /// Writes the names of a folder's files to the disk as far as the file system can, so that a renamed file keeps its new name after a
    /// power loss. Windows does so by itself.
    /// </summary>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        // .NET opens no folders.
        var opened = Open(folder, flags: 0);
        if (opened < 0)
            return;
        _ = Synchronize(opened);
        _ = Close(opened);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Synchronize(int opened);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int opened);
}

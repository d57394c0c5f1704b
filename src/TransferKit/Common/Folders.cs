namespace TransferKit.Common;

/// <summary>Moves and deletes whole folders.</summary>
internal static class Folders
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
}

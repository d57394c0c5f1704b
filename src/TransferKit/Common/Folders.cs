namespace TransferKit.Common;

/// <summary>Folders that appear and vanish as wholes.</summary>
internal static class Folders
{
    /// <summary>Gives a finished folder its name; false where that name is taken or cannot be given.</summary>
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

    /// <summary>Deletes what it can; what another process still holds open on Windows stays behind.</summary>
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

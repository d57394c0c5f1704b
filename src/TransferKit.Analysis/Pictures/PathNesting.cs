namespace TransferKit.Analysis.Pictures;

/// <summary>Compares paths of folders.</summary>
internal static class PathNesting
{
    /// <summary>Returns whether a path is a folder or in it.</summary>
    public static bool IsWithin(string folder, string path)
    {
        var relative = Path.GetRelativePath(folder, path);
        return relative != ".." && !relative.StartsWith($"..{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            && !Path.IsPathRooted(relative);
    }
}

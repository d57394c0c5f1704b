namespace TransferKit.WeightSources.Store;

/// <summary>
/// Where a file of the cache and what belongs to it lie. The partial file is in the target's own folder, so that a
/// rename puts it in place at once.
/// </summary>
internal sealed class CachePaths
{
    public CachePaths(string folder, string file)
    {
        // Names come from tables; none of them may lead out of the folder.
        if (file.Length == 0 || file is "." or ".." || file.AsSpan().IndexOfAny("/\\:\0") >= 0)
            throw new ArgumentException($"'{file}' is not a plain file name.", nameof(file));
        Folder = Path.GetFullPath(folder);
        Target = Path.Combine(Folder, file);
    }

    public string Folder { get; }
    public string Target { get; }
    public string Part => Target + ".part";
    public string PartState => Target + ".part.json";
    public string Lock => Target + ".lock";

    /// <summary>What was learned about the target when it was last verified.</summary>
    public string Sidecar => Target + ".verified.json";

    /// <summary>Where a file that failed its check is moved; the last one only.</summary>
    public string Rejected => Target + ".rejected";

    /// <summary>Keras' folder: <c>KERAS_HOME</c> or <c>~/.keras</c>, and in it <c>models</c>.</summary>
    public static string KerasFolder(string subdir) => KerasFolder(
        subdir, Environment.GetEnvironmentVariable("KERAS_HOME"), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    internal static string KerasFolder(string subdir, string? kerasHome, string userHome)
    {
        var home = string.IsNullOrEmpty(kerasHome) ? Path.Combine(userHome, ".keras")
            : kerasHome == "~" || kerasHome.StartsWith("~/", StringComparison.Ordinal) ? userHome + kerasHome[1..]
            : kerasHome;
        return Path.Combine(home, subdir);
    }

    /// <summary>Where a file out of a bundle is written before it takes its place.</summary>
    public string Import => Target + ".import";

    /// <summary>Moves what lies at a path out of the way, be it a file, a folder or a link.</summary>
    public void SetAside(string path)
    {
        Delete(Rejected);
        if (Directory.Exists(path) && !IsLink(path))
            Directory.Move(path, Rejected);
        else
            File.Move(path, Rejected, overwrite: true);
    }

    /// <summary>Deletes a file, a folder with all in it, or a link and not what it leads to.</summary>
    public static void Delete(string path)
    {
        if (Directory.Exists(path) && !IsLink(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }

    /// <summary>Removes a link, so that what is written under its name is not written elsewhere.</summary>
    public static void DropLink(string path)
    {
        if (IsLink(path))
            File.Delete(path);
    }

    /// <summary>Whether anything bears this name, a link that leads nowhere included.</summary>
    public static bool IsTaken(string path) => File.Exists(path) || Directory.Exists(path) || IsLink(path);

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;
}

namespace TransferKit.WeightSources.Store;

/// <summary>
/// Holds the paths of a cached file and of the files beside it. The partial file is in the target's folder, so that a rename publishes it
/// atomically.
/// </summary>
internal sealed class CachePaths
{
    public CachePaths(string folder, string file)
    {
        // Names come from tables, but a faulty one must not lead out of the folder.
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

    /// <summary>Gets the path of the note that records the last verification of the target.</summary>
    public string Sidecar => Target + ".verified.json";

    /// <summary>Gets the path to which a file that failed its check is moved. Only the last one is stored.</summary>
    public string Rejected => Target + ".rejected";

    /// <summary>Gets a folder, such as <c>models</c>, under Keras' home: <c>KERAS_HOME</c> or <c>~/.keras</c>.</summary>
    public static string KerasFolder(string subdir) => KerasFolder(
        subdir, Environment.GetEnvironmentVariable("KERAS_HOME"), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    internal static string KerasFolder(string subdir, string? kerasHome, string userHome)
    {
        var home = string.IsNullOrEmpty(kerasHome) ? Path.Combine(userHome, ".keras")
            : kerasHome == "~" || kerasHome.StartsWith("~/", StringComparison.Ordinal) ? userHome + kerasHome[1..]
            : kerasHome;
        return Path.Combine(home, subdir);
    }

    /// <summary>Gets the path to which a file of a bundle is extracted before it is verified and renamed.</summary>
    public string Import => Target + ".import";

    /// <summary>Moves the file, folder or link at a path to <see cref="Rejected"/>.</summary>
    public void Reject(string path)
    {
        Delete(Rejected);
        if (Directory.Exists(path) && !IsLink(path))
            Directory.Move(path, Rejected);
        else
            File.Move(path, Rejected, overwrite: true);
    }

    /// <summary>Deletes a file, a folder with its contents, or a link without its target.</summary>
    public static void Delete(string path)
    {
        if (Directory.Exists(path) && !IsLink(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }

    /// <summary>Deletes a link, so that writing to this path does not write to the link's target.</summary>
    public static void DeleteLink(string path)
    {
        if (IsLink(path))
            File.Delete(path);
    }

    /// <summary>Gets whether a file, a folder or a link, even a broken one, has this path.</summary>
    public static bool Exists(string path) => File.Exists(path) || Directory.Exists(path) || IsLink(path);

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;
}

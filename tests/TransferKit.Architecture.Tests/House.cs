using System.Collections.Immutable;
using System.Reflection;
using TransferKit.Tests;

namespace TransferKit.Architecture.Tests;

/// <summary>A mention of one type by another, with the folders that declare them.</summary>
internal sealed record Mention(string From, string To, string Type, string Mentioned);

/// <summary>The core library as it was built: its types, their files, and the mentions between them.</summary>
internal static class House
{
    public const string Source = "src/TransferKit";

    private static readonly Assembly Core = typeof(Backbone).Assembly;
    private static readonly SourceMap Map = new(Core, Source);

    public static string Folder { get; } = Path.GetFullPath(Goldens.Path("..", "..", Source));

    /// <summary>Gets the outermost types that are written by hand, each with its files.</summary>
    public static IEnumerable<(Type Type, ImmutableArray<string> Files)> Types { get; } =
        [.. Core.GetTypes().Where(t => !t.IsNested).Select(t => (t, Map.FilesOf(t))).Where(t => !t.Item2.IsEmpty)];

    public static IEnumerable<string> SourceFiles() => Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Folder, f).Replace('\\', '/'))
        .Where(f => f.Split('/')[0] is not ("bin" or "obj"))
        .Order(StringComparer.Ordinal);

    public static string FolderOf(string file) => file.Contains('/', StringComparison.Ordinal) ? file[..file.LastIndexOf('/')] : "";

    public static string RoomOf(string fileOrFolder) => fileOrFolder.Split('/')[0];

    /// <summary>Gets every mention that leaves a folder.</summary>
    public static IEnumerable<Mention> Mentions() =>
        from type in Core.GetTypes()
        let files = Map.FilesOf(type)
        where !files.IsEmpty
        let folder = FolderOf(files[0])
        from mentioned in TypeReferences.Of(type)
        let targets = Map.FilesOf(mentioned)
        where !targets.IsEmpty && FolderOf(targets[0]) != folder
        select new Mention(folder, FolderOf(targets[0]), TypeReferences.Outermost(type).Name, mentioned.Name);
}

using System.Text.RegularExpressions;
using TransferKit.Tests;
namespace TransferKit.Architecture.Tests;

/// <summary>The page of the docs that prints what this project measures.</summary>
internal static partial class ArchitecturePage
{
    public const string Command = "dotnet run --project tests/TransferKit.Architecture.Tests -- rooms";

    public static string Path { get; } = System.IO.Path.GetFullPath(Goldens.Path("..", "..", "docs", "architecture.md"));

    /// <summary>Gets the source files that the tour links to, in its order.</summary>
    public static IReadOnlyList<string> Tour()
    {
        var page = File.ReadAllText(Path);
        var start = page.IndexOf("## The tour", StringComparison.Ordinal);
        var tour = page[start..page.IndexOf("\n## ", start + 1, StringComparison.Ordinal)];
        return [.. Link().Matches(tour).Select(m => System.IO.Path.GetFullPath(m.Groups[1].Value, System.IO.Path.GetDirectoryName(Path)!))];
    }

    /// <summary>Replaces both tables by those of the code as it is now.</summary>
    public static void Write()
    {
        var lines = File.ReadAllLines(Path).ToList();
        foreach (var table in new[] { Rooms.Table().ToArray(), [.. Budget.Table()] })
        {
            var at = lines.IndexOf(table[0]);
            if (at < 0)
                throw new InvalidOperationException($"{Path} has no table that begins with {table[0]}");
            var end = lines.FindIndex(at, l => !l.StartsWith('|'));
            lines.RemoveRange(at, (end < 0 ? lines.Count : end) - at);
            lines.InsertRange(at, table);
        }
        File.WriteAllText(Path, string.Join('\n', lines) + "\n");
    }

    [GeneratedRegex(@"\]\(([^)#]+\.cs)\)")]
    private static partial Regex Link();
}

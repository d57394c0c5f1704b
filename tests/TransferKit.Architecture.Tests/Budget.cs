using System.Globalization;
using System.Reflection;

namespace TransferKit.Architecture.Tests;

/// <summary>Measures the rooms: the sizes of their files, their public members, their long lines and their circles.</summary>
internal static class Budget
{
    private const int LongLine = 140;

    /// <summary>Gets the table that <c>docs/architecture.md</c> prints.</summary>
    public static IEnumerable<string> Table()
    {
        var circles = Circles.Of(House.Mentions()).Select(House.RoomOf).ToArray();
        var files = House.SourceFiles().Select(
            f => (Room: House.RoomOf(f), Name: f, Lines: File.ReadAllLines(Path.Combine(House.Folder, f)))).ToArray();
        yield return "| room | files | lines | median | longest | public members | lines over 140 | circles |";
        yield return "| --- | --: | --: | --: | --- | --: | --: | --: |";
        foreach (var name in Rooms.All.Select(r => r.Name))
            yield return Row($"`{name}/`", files.Where(f => f.Room == name), PublicMembers(name), circles.Count(c => c == name));
        yield return Row("all", files, Rooms.All.Sum(r => PublicMembers(r.Name)), circles.Length);
    }

    private static string Row(string name, IEnumerable<(string Room, string Name, string[] Lines)> files, int publicMembers, int circles)
    {
        var bySize = files.OrderBy(f => f.Lines.Length).ThenBy(f => f.Name, StringComparer.Ordinal).ToArray();
        var longest = bySize[^1];
        return string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {bySize.Length} | {bySize.Sum(f => f.Lines.Length):N0} | {bySize[bySize.Length / 2].Lines.Length} "
            + $"| `{Path.GetFileName(longest.Name)}` {longest.Lines.Length} | {publicMembers} "
            + $"| {bySize.Sum(f => f.Lines.Count(l => l.Length > LongLine))} | {circles} |");
    }

    // Property and event accessors count once, with their property or event.
    private static int PublicMembers(string room) => House.Types
        .Where(t => t.Type.IsPublic && House.RoomOf(t.Files[0]) == room)
        .Sum(t => t.Type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Count(m => m is not MethodInfo { IsSpecialName: true } && !m.Name.Contains('<', StringComparison.Ordinal)));
}

namespace TransferKit.Architecture.Tests;

public class RoomTests
{
    [Fact]
    public void The_list_of_rooms_is_ordered_so_that_each_uses_only_rooms_before_it()
    {
        foreach (var (room, index) in Rooms.All.Select((r, i) => (r, i)))
            Assert.Subset(Rooms.All[..index].Select(r => r.Name).ToHashSet(), room.Uses.ToHashSet());
    }

    [Fact]
    public void Every_source_file_lies_in_a_room()
    {
        var rooms = Rooms.All.Select(r => r.Name).ToHashSet();
        Assert.DoesNotContain(House.SourceFiles(), f => !f.Contains('/', StringComparison.Ordinal) || !rooms.Contains(House.RoomOf(f)));
    }

    [Fact]
    public void A_room_mentions_types_of_the_rooms_that_it_may_use_and_of_no_other()
    {
        var uses = Rooms.All.ToDictionary(r => r.Name, r => r.Uses);
        Assert.Empty(
            from m in House.Mentions()
            let room = House.RoomOf(m.From)
            let used = House.RoomOf(m.To)
            where used != room && !uses[room].Contains(used)
            select $"{room} may not use {used}: {m.Type} mentions {m.Mentioned}");
    }

    [Fact]
    public void Each_use_that_the_table_allows_is_made()
    {
        var made = House.Mentions().Select(m => (House.RoomOf(m.From), House.RoomOf(m.To))).ToHashSet();
        Assert.Empty(Rooms.All.SelectMany(r => r.Uses.Where(u => !made.Contains((r.Name, u))).Select(u => $"{r.Name} does not use {u}")));
    }

    [Fact]
    public void Folders_inside_rooms_form_no_circle() => Assert.Empty(Circles.Of(House.Mentions()));

    [Fact]
    public void Public_types_have_the_package_s_namespace_and_internal_ones_that_of_their_folder()
    {
        Assert.Empty(
            from t in House.Types
            let expected = Expected(t.Type, t.Files[0])
            where t.Type.Namespace != expected
            select $"{t.Type.FullName} in {t.Files[0]}: the namespace should be {expected}");
    }

    [Fact]
    public void The_architecture_page_prints_the_table_of_rooms() => AssertPrinted(Rooms.Table());

    [Fact]
    public void The_architecture_page_prints_the_budget_of_the_rooms_as_the_code_is_now() => AssertPrinted(Budget.Table());

    [Fact]
    public void The_tour_leads_to_a_vector_through_at_most_twelve_files_and_1500_lines()
    {
        var files = ArchitecturePage.Tour();
        Assert.InRange(files.Count, 5, 12);
        Assert.InRange(files.Sum(f => File.ReadAllLines(f).Length), 1, 1500);
    }

    // Users find extension methods on services without a using of ours. The room Weights shares its name with a public class.
    private static string Expected(Type type, string file)
    {
        if (House.Types.Any(t => t.Type.IsPublic && t.Files.Contains(file)))
        {
            return file.StartsWith("DependencyInjection/", StringComparison.Ordinal) && type.IsAbstract && type.IsSealed
                ? "Microsoft.Extensions.DependencyInjection"
                : "TransferKit";
        }

        var folder = House.FolderOf(file);
        if (House.RoomOf(file) == "Weights")
            folder = "WeightSources" + folder["Weights".Length..];
        return $"TransferKit.{folder.Replace('/', '.')}";
    }

    private static void AssertPrinted(IEnumerable<string> table)
    {
        var page = File.ReadAllText(ArchitecturePage.Path);
        Assert.True(
            page.Contains(string.Join('\n', table), StringComparison.Ordinal),
            $"docs/architecture.md is out of date. Run: {ArchitecturePage.Command}");
    }
}

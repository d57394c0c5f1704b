using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace TransferKit.PublicApi.Tests;

public partial class DocumentationTests
{
    private static readonly string Root = StatedNumbers.Root;

    private static readonly string[] PageNames =
    [
        .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(Path.Combine(Root, "benchmarks"), "*.md"))
            .Concat(Directory.GetFiles(Path.Combine(Root, "benchmarks", "results"), "*.md"))
            .Concat(Directory.GetFiles(Root, "*.md"))
            .Select(PageName).Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> Pages => new(PageNames);

    // The solution contains the snippets and the samples, so their code compiles.
    [Theory, MemberData(nameof(Pages))]
    public void Every_block_of_csharp_stands_in_the_snippets_project(string page)
    {
        var files = Directory.GetFiles(Path.Combine(Root, "docs", "Snippets"), "*.cs")
            .Concat(Directory.GetFiles(Path.Combine(Root, "docs", "samples"), "Program.cs", SearchOption.AllDirectories));
        var snippets = string.Join("\n", files.Select(f => Squeeze(File.ReadAllText(f))));

        foreach (Match block in CSharpBlock().Matches(Text(page)))
        {
            // A block may show several pieces, separated by blank lines.
            foreach (var piece in block.Groups[1].Value.Split("\n\n"))
                Assert.Contains(Squeeze(piece), snippets);
        }
    }

    [Theory, MemberData(nameof(Pages))]
    public void Every_link_leads_to_a_file_and_a_heading(string page)
    {
        foreach (Match link in Link().Matches(Text(page)))
        {
            var (target, anchor) = (Target(page, link), link.Groups[2].Value);
            Assert.True(Path.Exists(Path.Combine(Root, target)), $"{page} links to {target}");
            if (anchor.Length > 0)
                Assert.Contains(anchor, Headings(target));
        }
    }

    [Theory, InlineData("README.md", 100), InlineData("docs/performance.md", 80)]
    public void Pages_that_everybody_reads_stay_short(string page, int lines) =>
        Assert.InRange(Text(page).Count('\n'), 1, lines);

    [Theory, MemberData(nameof(StatedNumbers.Defaults), MemberType = typeof(StatedNumbers))]
    public void Every_default_that_a_page_states_is_that_of_the_code(string page, string sentence) => Assert.Contains(sentence, Text(page));

    [Theory, MemberData(nameof(StatedNumbers.Facts), MemberType = typeof(StatedNumbers))]
    public void A_fact_of_a_network_that_a_page_states_is_that_of_the_network(string page, string sentence) =>
        Assert.Contains(sentence, Text(page));

    [Theory, MemberData(nameof(StatedNumbers.Limits), MemberType = typeof(StatedNumbers))]
    public void A_limit_that_a_page_states_is_that_of_the_code(string page, string sentence) => Assert.Contains(sentence, Text(page));

    // A reader searches for the words that a program printed.
    [Fact]
    public void Every_message_of_the_troubleshooting_page_stands_in_the_code()
    {
        var files = Directory.GetFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories);
        var code = string.Join("\n", files.Select(File.ReadAllText));
        var messages = Message().Matches(Text("docs/troubleshooting.md")).Select(m => m.Groups[1].Value).ToArray();

        Assert.True(messages.Length > 10);
        Assert.All(messages, message => Assert.Contains(message, code));
    }

    [Theory, MemberData(nameof(StatedNumbers.Figures), MemberType = typeof(StatedNumbers))]
    public void A_figure_that_a_page_states_is_that_of_the_results(string page, string sentence) => Assert.Contains(sentence, Text(page));

    [Fact]
    public void Every_event_of_the_store_stands_in_the_table_of_the_operators_page()
    {
        var page = Text("docs/weight-store.md");
        var log = typeof(Backbone).Assembly.GetType("TransferKit.WeightSources.Store.StoreLog", throwOnError: true)!;
        var events = log.GetMethods().SelectMany(m => m.GetCustomAttributes(typeof(LoggerMessageAttribute), inherit: false))
            .Cast<LoggerMessageAttribute>().ToArray();

        Assert.NotEmpty(events);
        foreach (var e in events)
            Assert.Contains($"| {e.EventId} | {e.EventName} | {e.Level} |", page);
        Assert.Equal(events.Length, EventRow().Count(page));
    }

    [Fact]
    public void Every_page_of_docs_can_be_reached_from_the_readme()
    {
        var (seen, open) = (new HashSet<string>(), new Stack<string>(["README.md"]));
        while (open.TryPop(out var page))
        {
            if (!seen.Add(page) || !page.EndsWith(".md", StringComparison.Ordinal))
                continue;
            foreach (Match link in Link().Matches(Text(page)))
                open.Push(Target(page, link));
        }
        Assert.Empty(PageNames.Where(p => p.StartsWith("docs/", StringComparison.Ordinal)).Except(seen));
    }

    private static string PageName(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    // A link of an anchor alone stays on its page.
    private static string Target(string page, Match link) => link.Groups[1].Length == 0
        ? page
        : PageName(Path.GetFullPath(Path.Combine(Root, Path.GetDirectoryName(page)!, link.Groups[1].Value)));

    private static string Text(string page) => File.ReadAllText(Path.Combine(Root, page));

    // GitHub makes anchors of small letters, without punctuation, with hyphens for spaces.
    private static IEnumerable<string> Headings(string page) =>
        Heading().Matches(Text(page)).Select(m => Punctuation().Replace(m.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    private static string Squeeze(string code) => Whitespace().Replace(code, " ").Trim();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex(@"\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"^\| \d+ \| \w+ \| (Debug|Information|Warning|Error) \|", RegexOptions.Multiline)]
    private static partial Regex EventRow();

    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Message();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}

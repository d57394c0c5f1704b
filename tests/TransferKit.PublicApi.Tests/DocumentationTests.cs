using System.Text.RegularExpressions;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

public partial class DocumentationTests
{
    private static readonly string Root = Path.GetFullPath(Goldens.Path("..", ".."));

    public static TheoryData<string> Pages =>
        new(Directory.GetFiles(Path.Combine(Root, "docs"), "*.md").Append(Path.Combine(Root, "README.md")).Select(p => Path.GetRelativePath(Root, p)).Order(StringComparer.Ordinal));

    // The snippets project is part of the solution, so what stands there compiles.
    [Theory, MemberData(nameof(Pages))]
    public void Every_block_of_csharp_stands_in_the_snippets_project(string page)
    {
        var snippets = string.Join("\n", Directory.GetFiles(Path.Combine(Root, "docs", "Snippets"), "*.cs").Select(f => Squeeze(File.ReadAllText(f))));

        foreach (Match block in CSharpBlock().Matches(File.ReadAllText(Path.Combine(Root, page))))
        {
            // A block may show several pieces, set apart by blank lines.
            foreach (var piece in block.Groups[1].Value.Split("\n\n"))
                Assert.Contains(Squeeze(piece), snippets);
        }
    }

    [Theory, MemberData(nameof(Pages))]
    public void Every_link_leads_to_a_file(string page)
    {
        foreach (Match link in Link().Matches(File.ReadAllText(Path.Combine(Root, page))))
            Assert.True(Path.Exists(Path.Combine(Root, Path.GetDirectoryName(page)!, link.Groups[1].Value)), $"{page} links to {link.Groups[1].Value}");
    }

    private static string Squeeze(string code) => Whitespace().Replace(code, " ").Trim();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex(@"\]\((?!https?:|#)([^)#]+)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}

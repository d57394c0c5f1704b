using System.Net;
using System.Text.RegularExpressions;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests.Packages;

/// <summary>Builds the site of the documentation and follows its links, because docfx checks neither all files nor anchors.</summary>
[Trait("Category", "Slow")]
public sealed partial class SiteTests
{
    private static readonly string Root = Path.GetFullPath(Goldens.Path("..", ".."));
    private static readonly string Site = Path.Combine(Root, "artifacts", "site");

    [Fact]
    public async Task Every_link_of_the_site_leads_to_a_file_and_an_anchor_that_exist()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), ".ci/site needs bash.");
        await Commands.RunAsync(Root, Path.Combine(Root, ".ci", "site"), [], environment: null, TestContext.Current.CancellationToken);

        var pages = Directory.GetFiles(Site, "*.html", SearchOption.AllDirectories).ToDictionary(page => page, File.ReadAllText);
        var anchors = pages.ToDictionary(p => p.Key, p => Anchor().Matches(p.Value).Select(m => m.Groups[1].Value).ToHashSet());
        var dead = pages.SelectMany(page => Link().Matches(page.Value).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value))
            .Where(link => !LeadsSomewhere(page.Key, link, anchors))
            .Select(link => $"{Path.GetRelativePath(Site, page.Key)}: {link}"));

        Assert.True(pages.Count > 100, $"The site has only {pages.Count} pages.");
        Assert.Empty(dead.Distinct());
    }

    private static bool LeadsSomewhere(string page, string link, Dictionary<string, HashSet<string>> anchors)
    {
        if (Uri.TryCreate(link, UriKind.Absolute, out var address) && !address.IsFile)
            return true;
        var (path, anchor) = link.Split('#', 2) is [var before, var after] ? (before, after) : (link, "");
        var target = path.Split('?')[0] is { Length: > 0 } relative
            ? Path.GetFullPath(Uri.UnescapeDataString(relative), Path.GetDirectoryName(page)!)
            : page;
        return File.Exists(target)
            && (anchor.Length == 0 || !anchors.TryGetValue(target, out var known) || known.Contains(Uri.UnescapeDataString(anchor)));
    }

    [GeneratedRegex("\\s(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex Link();

    [GeneratedRegex("\\s(?:id|name)=\"([^\"]*)\"")]
    private static partial Regex Anchor();
}

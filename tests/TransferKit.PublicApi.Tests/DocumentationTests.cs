using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

public partial class DocumentationTests
{
    private static readonly string Root = Path.GetFullPath(Goldens.Path("..", ".."));

    private static readonly string[] PageNames =
    [
        .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(Path.Combine(Root, "benchmarks"), "*.md"))
            .Concat(Directory.GetFiles(Path.Combine(Root, "benchmarks", "results"), "*.md"))
            .Concat(Directory.GetFiles(Root, "*.md"))
            .Select(PageName).Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> Pages => new(PageNames);

    /// <summary>Sentences that state a default, made of the default itself.</summary>
    public static TheoryData<string, string> Defaults
    {
        get
        {
            var (store, decode, uploads) = (new WeightStoreOptions(), new ImageDecodeOptions(), ImageDecodeOptions.ForUploads);
            var calibration = Calibration.Folder("photos");
            var features = new FeatureExtractorOptions();
            return new()
            {
                { "docs/weight-store.md", $"MaxTries = {store.MaxTries}," },
                { "docs/weight-store.md", $"RetryDelay = TimeSpan.FromSeconds({store.RetryDelay.TotalSeconds})" },
                { "docs/weight-store.md", $"MaxRetryDelay = TimeSpan.FromMinutes({store.MaxRetryDelay.TotalMinutes})" },
                { "docs/weight-store.md", $"StallTimeout = TimeSpan.FromSeconds({store.StallTimeout.TotalSeconds})" },
                { "docs/weight-store.md", $"TryTimeout = TimeSpan.FromHours({store.TryTimeout.TotalHours})" },
                { "docs/weight-store.md", $"Timeout = TimeSpan.FromHours({store.Timeout.TotalHours})," },
                { "docs/weight-store.md", $"MaxDownloadBytes = {store.MaxDownloadBytes >> 30}L << 30," },
                { "docs/images.md", FormattableString.Invariant($"| `MaxPixels` | {decode.MaxPixels:N0}, as in Pillow |") },
                { "docs/images.md", $"| `MaxScans` | {decode.MaxScans} scans of a JPEG |" },
                { "docs/images.md", $"{uploads.MaxPixels / 1_000_000} million pixels, {uploads.MaxBytes / 1_000_000} million bytes" },
                { "docs/images.md", $"bytes, {uploads.Timeout!.Value.TotalSeconds} seconds." },
                { "docs/quantization.md", $"| `MaxImages` | {calibration.MaxImages} |" },
                { "docs/quantization.md", FormattableString.Invariant($"| `MinimumCosine` | {calibration.MinimumCosine} |") },
                { "docs/features.md", $"| `Recursive` | {(features.Recursive ? "true" : "false")} |" },
                { "docs/features.md", $"| `OnError` | `{features.OnError}` |" },
                { "docs/features.md", $"| `BatchSize` | {features.BatchSize?.ToString() ?? "null"} |" },
                { "docs/features.md", $"| `Images` | {(features.Images is null ? "null" : "set")} |" },
            };
        }
    }

    /// <summary>Sentences that state a fact of the networks, made of the networks themselves.</summary>
    public static TheoryData<string, string> Facts
    {
        get
        {
            var bundled = new FileInfo(Path.Combine(
                Root, "src", "TransferKit.Weights.MobileNetV2", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"));
            var vgg = Backbone.Summary("vgg16", new() { IncludeTop = false, InputSize = (480, 640) });
            var stage = Backbone.Stages("resnet50").Single(s => s.Layer == "conv2_block3_out");
            return new()
            {
                { "docs/getting-started.md", FormattableString.Invariant($"# {bundled.Length / 1e6:0} MB of real weights") },
                { "docs/getting-started.md", FormattableString.Invariant($"// {Info("mobilenet_v2").Features:N0} numbers") },
                { "docs/getting-started.md", $"// {vgg.Layers[^1].Name} (None, {string.Join(", ", vgg.Layers[^1].OutputShape)})" },
                { "docs/getting-started.md", $"// (1, {string.Join(", ", Layer("vgg16", "fc2").OutputShape)})" },
                { "docs/getting-started.md", $"// (1, {string.Join(", ", Layer("vgg16", "block4_pool").OutputShape)})" },
                { "docs/features.md", $"Length);          // {Info("resnet50").Features}" },
                { "docs/models.md", $"// 1/{stage.Reduction} {stage}" },
                { "docs/models.md", $"// (1, {string.Join(", ", stage.Shape)})" },
                { "docs/models.md", $"| MobileNet | `Alpha`, `DepthMultiplier`, `DropoutRate` | widths {Widths("mobilenet")};" },
                { "docs/models.md", $"| MobileNetV2 | `Alpha` | widths {Widths("mobilenet_v2")};" },
                { "docs/models.md",
                    $"widths {Widths("mobilenet_v3_small").Replace(", ", " and ", StringComparison.Ordinal)}; minimalistic 1" },
                { "docs/models.md", $"the network's least: {Info("vgg16").MinimumSize}, but {Info("xception").MinimumSize} for Xception" },
                { "docs/models.md", $"and {Info("inception_v3").MinimumSize} for both Inceptions" },
                { "docs/images.md",
                    $"{(Enum.GetValues<Interpolation>().Count(IsPillows) == 6 ? "Six" : "Other")} filters with Pillow's own" },
            };

            static bool IsPillows(Interpolation filter) =>
                Record.Exception(() => RgbImage.FromRgb24(1, 1, new byte[3]).Resize(2, 2, filter)) is null;
            static BackboneInfo Info(string name) => Backbone.All.Single(b => b.Name == name);
            static LayerInfo Layer(string name, string layer) => Backbone.Summary(name).Layers.Single(l => l.Name == layer);
            static string Widths(string name) => string.Join(", ", Info(name).Alphas.Select(a => FormattableString.Invariant($"{a}")));
        }
    }

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

    [Theory, MemberData(nameof(Defaults))]
    public void Every_default_that_a_page_states_is_that_of_the_code(string page, string sentence) => Assert.Contains(sentence, Text(page));

    [Theory, MemberData(nameof(Facts))]
    public void A_fact_of_a_network_that_a_page_states_is_that_of_the_network(string page, string sentence) =>
        Assert.Contains(sentence, Text(page));

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

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}

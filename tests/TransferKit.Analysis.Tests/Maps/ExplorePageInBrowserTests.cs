using System.Globalization;
using TransferKit.PublicApi.Tests;

namespace TransferKit.Analysis.Tests.Maps;

/// <summary>Uses the page in a real browser, by mouse and by keyboard.</summary>
public sealed class ExplorePageInBrowserTests(Chromium browser) : IClassFixture<Chromium>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_click_on_a_point_shows_the_picture_and_its_neighbours()
    {
        await OpenAsync();
        const int picture = 20;
        await browser.DragAsync([await PlaceAsync(picture)]);

        Assert.Equal([SampleMap.Map.Names[picture]], await browser.TextsAsync("#name"));
        var neighbours = SampleMap.Map.NeighboursOf(picture);
        Assert.Equal(8, neighbours.Count);
        Assert.Equal(neighbours.Select(n => n.Name), await browser.TextsAsync("#neighbours span"));
        Assert.Equal(
            neighbours.Select(n => n.Score.ToString("0.000", CultureInfo.InvariantCulture)), await browser.TextsAsync("#neighbours small"));
        Assert.Contains("Folder owls", (await browser.TextsAsync("#said"))[0]);

        await browser.ClickAsync("#neighbours li:nth-child(3) button");
        Assert.Equal([neighbours[2].Name], await browser.TextsAsync("#name"));
    }

    [Fact]
    public async Task The_search_finds_names_and_enter_goes_from_one_to_the_next()
    {
        await OpenAsync();
        await browser.PressAsync("/", "/");
        await browser.CallAsync("Input.insertText", new() { ["text"] = "OWLS/5" });

        int[] found = [.. Enumerable.Range(0, SampleMap.Count)
            .Where(i => SampleMap.Map.Names[i].StartsWith("owls/5", StringComparison.Ordinal))];
        Assert.Equal([5, 50, 53, 56, 59], found);
        Assert.Equal(["5 of 60"], await browser.TextsAsync("#matches"));
        foreach (var picture in found.Append(found[0]))
        {
            await browser.PressAsync("Enter", "\r");
            Assert.Equal([SampleMap.Map.Names[picture]], await browser.TextsAsync("#name"));
        }
        await browser.ClickAsync("#add-matches");
        Assert.Equal(["5 pictures"], await browser.TextsAsync("#list-count"));
    }

    [Fact]
    public async Task The_arrow_keys_go_from_picture_to_picture_and_space_puts_one_on_the_list()
    {
        await OpenAsync();
        await browser.EvaluateAsync<object?>("byId('canvas').focus()");
        await browser.PressAsync("ArrowRight");
        var first = await PickedAsync();
        foreach (var (key, isFarther) in new (string, Func<(double X, double Y), (double X, double Y), bool>)[]
        {
            ("ArrowLeft", (a, b) => b.X < a.X), ("ArrowRight", (a, b) => b.X > a.X),
            ("ArrowUp", (a, b) => b.Y < a.Y), ("ArrowDown", (a, b) => b.Y > a.Y),
        })
        {
            await browser.EvaluateAsync<object?>($"pick({first})");
            await browser.PressAsync(key);
            var next = await PickedAsync();
            Assert.True(next == first || isFarther(await PlaceAsync(first), await PlaceAsync(next)), key);
        }
        await browser.PressAsync(" ", " ");
        Assert.Equal(["1 picture"], await browser.TextsAsync("#list-count"));
        await browser.PressAsync("Escape");
        Assert.Equal(-1, await PickedAsync());
        await browser.PressAsync("+", "+");
        Assert.Equal(1.4, await browser.EvaluateAsync<double>("view.scale"), 1e-6);
    }

    [Fact]
    public async Task A_lasso_puts_the_pictures_in_it_on_a_list_that_can_be_saved()
    {
        await OpenAsync();
        await browser.ClickAsync("#lasso");
        var places = new List<(double X, double Y)>();
        for (var i = 0; i < SampleMap.Count; i++)
            places.Add(await PlaceAsync(i));
        var cats = places.Where((_, i) => i % 3 == 0).ToArray();
        var (left, right, top, bottom) =
            (cats.Min(p => p.X) - 3, cats.Max(p => p.X) + 3, cats.Min(p => p.Y) - 3, cats.Max(p => p.Y) + 3);
        await browser.DragAsync([(left, top), (right, top), (right, bottom), (left, bottom)]);

        int[] inside = [.. Enumerable.Range(0, SampleMap.Count)
            .Where(i => places[i].X > left && places[i].X < right && places[i].Y > top && places[i].Y < bottom)];
        Assert.InRange(inside.Length, 20, 59);
        var lines = (await browser.EvaluateAsync<string>("listAsCsv()")).TrimEnd().Split('\n');
        Assert.Equal("path,folder,cluster", lines[0]);
        Assert.Equal(
            inside.Select(i => $"\"{SampleMap.Map.Names[i].Replace("\"", "\"\"")}\""),
            lines.Skip(1).Select(l => l[..(l.IndexOf("\",", StringComparison.Ordinal) + 1)]));
        Assert.Equal("\"cats/0.ppm\",\"cats\",\"Cluster", lines[1][..lines[1].LastIndexOf(' ')]);

        await browser.CallAsync("Browser.setDownloadBehavior", new() { ["behavior"] = "allow", ["downloadPath"] = _folder.Path });
        await browser.ClickAsync("#save-list");
        var saved = _folder.File("list.csv");
        for (var attempt = 0; attempt < 100 && !(File.Exists(saved) && new FileInfo(saved).Length > 0); attempt++)
            await Task.Delay(50);
        Assert.Equal(lines, File.ReadAllLines(saved));
    }

    [Fact]
    public async Task Layout_colours_and_the_legend_change_what_is_shown()
    {
        await OpenAsync();
        Assert.Equal(["cats", "dogs", "owls"], await browser.TextsAsync("#legend span"));
        await browser.ClickAsync("#legend li:nth-child(2) button");
        Assert.Equal(20, await browser.EvaluateAsync<int>("[...names.keys()].filter(isLit).length"));
        await browser.ClickAsync("#show-all");
        await browser.ClickAsync("#groupings label:nth-of-type(2)");
        Assert.Equal("Cluster 1", (await browser.TextsAsync("#legend span"))[0]);
        var before = await PlaceAsync(7);
        await browser.ClickAsync("#layouts label:nth-of-type(2)");
        Assert.Contains("of the variance", (await browser.TextsAsync("#about"))[0]);
        for (var attempt = 0; attempt < 100 && await browser.EvaluateAsync<bool>("motion !== null"); attempt++)
            await Task.Delay(50);
        Assert.NotEqual(before, await PlaceAsync(7));

        var light = await BackAsync();
        await EmulateAsync("dark");
        // The page hears of the scheme some frames after the browser has been told.
        for (var attempt = 0; attempt < 100 && await BackAsync() == light; attempt++)
            await Task.Delay(50);
        Assert.NotEqual(light, await BackAsync());
        await EmulateAsync("light");

        Task<string> BackAsync() => browser.EvaluateAsync<string>("theme.back");
        Task EmulateAsync(string scheme) => browser.CallAsync("Emulation.setEmulatedMedia", new()
        {
            ["features"] = new System.Text.Json.Nodes.JsonArray(
                new System.Text.Json.Nodes.JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme }),
        });
    }

    [Fact]
    public async Task The_page_runs_no_foreign_script_reports_no_error_and_reaches_no_network()
    {
        await OpenAsync();
        await browser.EvaluateAsync<object?>("pick(1)");

        Assert.Equal("Map of 60 pictures", await browser.EvaluateAsync<string>("document.title"));
        Assert.Equal(0, await browser.EvaluateAsync<int>("document.images.length"));
        Assert.Equal([SampleMap.Attack.Replace("\u202E", "\\u202E")], await browser.TextsAsync("#name"));
        Assert.DoesNotContain(browser.Events, e => (string?)e["method"] is "Runtime.exceptionThrown" or "Log.entryAdded");
        Assert.All(
            browser.Events.Where(e => (string?)e["method"] == "Network.requestWillBeSent"),
            e => Assert.Matches("^(file|data):", (string?)e["params"]!["request"]!["url"]));

        Assert.Equal("connect-src", await browser.EvaluateAsync<string>("""
            new Promise(done => {
              document.addEventListener("securitypolicyviolation", e => done(e.effectiveDirective));
              fetch("http://127.0.0.1:9/").catch(() => {});
            })
            """));
    }

    public void Dispose() => _folder.Dispose();

    private async Task OpenAsync()
    {
        Assert.SkipUnless(Chromium.Executable is not null, Chromium.Absent);
        SampleMap.Map.WritePage(_folder.File("map.html"), SampleMap.WritePictures(_folder));
        await browser.OpenAsync(_folder.File("map.html"));
    }

    private async Task<(double X, double Y)> PlaceAsync(int picture)
    {
        var place = await browser.EvaluateAsync<double[]>($"(p => [p.x, p.y])(screenOf({picture}))");
        return (place[0], place[1]);
    }

    private Task<int> PickedAsync() => browser.EvaluateAsync<int>("state.picked");
}

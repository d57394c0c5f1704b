using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using TransferKit.Analysis.Maps;
using TransferKit.PublicApi.Tests;

namespace TransferKit.Analysis.Tests.Maps;

public sealed class ExplorePageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Names_are_data_and_never_markup()
    {
        var html = Write(pictures: null);

        Assert.DoesNotContain("<img", html);
        Assert.Equal(6, Regex.Count(html, "</script>"));
        Assert.Contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';", html);
        Assert.DoesNotContain("unsafe", html);
        Assert.DoesNotMatch("https?://", html);
        using var data = Data(html);
        Assert.Equal(SampleMap.Map.Names, Texts(data.RootElement.GetProperty("names")));
        Assert.Equal(["cats", "dogs", "owls"], Texts(data.RootElement.GetProperty("groupings")[0].GetProperty("labels")));
        Assert.Equal(0, data.RootElement.GetProperty("sheets").GetArrayLength());
    }

    [Fact]
    public void Pictures_that_cannot_be_read_are_reported_and_left_out()
    {
        var photos = SampleMap.WritePictures(_folder);
        var errors = SampleMap.Map.WritePage(_folder.File("map.html"), photos);

        Assert.Equal(2, errors.Count);
        using var data = Data(File.ReadAllText(_folder.File("map.html")));
        Assert.Equal([0, 1], Numbers(data.RootElement.GetProperty("unreadable")));
        var sheet = data.RootElement.GetProperty("sheets")[0].GetBytesFromBase64();
        File.WriteAllBytes(_folder.File("sheet.jpg"), sheet);
        var picture = RgbImage.Load(_folder.File("sheet.jpg"));
        Assert.Equal((4 * 160, 16 * 160), (picture.Height, picture.Width));
        // The third picture is blue, and 8 elsewhere.
        var pixel = picture.Pixels.Span.Slice((80 * 16 * 160 + 2 * 160 + 80) * 3, 3).ToArray();
        Assert.InRange(pixel[2], 190, 210);
        Assert.InRange(pixel[0], 0, 20);
    }

    [Fact]
    public void A_name_that_leads_out_of_the_folder_is_not_read()
    {
        SampleMap.WritePictures(_folder);
        string[] names = ["../photos/cats/3.ppm", _folder.File("photos", "cats", "3.ppm"), "5.ppm"];
        var map = FeatureMap.Compute(FeatureTable.Of(names, new float[3]));

        var errors = map.WritePage(_folder.File("map.html"), Directory.CreateDirectory(_folder.File("phot")).FullName);

        Assert.Equal(3, errors.Count);
        Assert.Equal(2, errors.Count(e => e.Message.Contains("leads out of the folder", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_page_that_cannot_be_written_or_is_cancelled_leaves_no_file()
    {
        var photos = SampleMap.WritePictures(_folder);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OutputFormatException>(() => SampleMap.Map.WritePage(_folder.File("map.txt")));
        Assert.Throws<OutputFileException>(() => SampleMap.Map.WritePage(_folder.File("none", "map.html")));
        Assert.Throws<DirectoryNotFoundException>(() => SampleMap.Map.WritePage(_folder.File("map.html"), _folder.File("none")));
        Assert.ThrowsAny<OperationCanceledException>(
            () => SampleMap.Map.WritePage(_folder.File("map.html"), photos, cancellationToken: cancelled.Token));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*", new EnumerationOptions { AttributesToSkip = 0 }));
    }

    [Fact]
    public void Pictures_without_folders_are_grouped_by_cluster_alone_and_mixed_ones_have_a_group_for_the_rest()
    {
        FeatureMap.Compute(FeatureTable.Of(["a.jpg", "b.jpg"], new float[] { 1, 2 })).WritePage(_folder.File("loose.html"));
        FeatureMap.Compute(FeatureTable.Of(["a.jpg", "x/b.jpg"], new float[] { 1, 2 })).WritePage(_folder.File("mixed.html"));

        using var loose = Data(File.ReadAllText(_folder.File("loose.html")));
        using var mixed = Data(File.ReadAllText(_folder.File("mixed.html")));
        var only = Assert.Single(loose.RootElement.GetProperty("groupings").EnumerateArray());
        Assert.Equal("Cluster", only.GetProperty("name").GetString());
        var folders = mixed.RootElement.GetProperty("groupings")[0];
        Assert.Equal(["x", "in no folder"], Texts(folders.GetProperty("labels")));
        Assert.Equal([1, 0], Numbers(folders.GetProperty("groups")));
    }

    [Fact]
    public void Fewer_pictures_are_larger_and_ten_thousand_fit_forty_sheets()
    {
        Assert.Equal((160, 1), Sheets(256));
        Assert.Equal((64, 40), Sheets(10_000));
        Assert.Equal((48, 196), Sheets(50_000));

        static (int, int) Sheets(int count) => new ThumbnailSheets(new string[count], "photos") is var s ? (s.Side, s.Count) : default;
    }

    // WCAG 2.2: 4.5 for text, 3 for the symbols and the edges of controls.
    [Fact]
    public void Colours_have_the_contrast_that_readers_need_in_light_and_dark()
    {
        var style = Regex.Match(Write(pictures: null), "<style>(.*?)</style>", RegexOptions.Singleline).Groups[1].Value;
        var palettes = Regex.Matches(style, @":root \{(.*?)\}", RegexOptions.Singleline).Select(m => Regex
            .Matches(m.Groups[1].Value, @"--([\w-]+): #(\w{6})").ToDictionary(c => c.Groups[1].Value, c => c.Groups[2].Value)).ToArray();

        Assert.Equal(2, palettes.Length);
        foreach (var palette in palettes)
        {
            foreach (var back in new[] { palette["back"], palette["panel"] })
            {
                foreach (var (name, colour) in palette.Where(c => c.Key is not ("back" or "panel" or "line" or "on-accent")))
                    Assert.True(Contrast(colour, back) >= (name is "text" or "faint" ? 4.5 : 3), $"{name} {colour} on {back}");
            }
            Assert.InRange(Contrast(palette["accent"], palette["on-accent"]), 4.5, 21);
            var groups = palette.Where(c => c.Key.StartsWith("group-", StringComparison.Ordinal)).Select(c => c.Value);
            Assert.Equal(8, groups.Distinct().Count());
        }
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string? pictures)
    {
        SampleMap.Map.WritePage(_folder.File("map.html"), pictures);
        return File.ReadAllText(_folder.File("map.html"));
    }

    private static JsonDocument Data(string html) =>
        JsonDocument.Parse(Regex.Match(html, "id=\"data\">(.*?)</script>", RegexOptions.Singleline).Groups[1].Value);

    private static IEnumerable<string?> Texts(JsonElement array) => array.EnumerateArray().Select(text => text.GetString());

    private static IEnumerable<int> Numbers(JsonElement base64) =>
        base64.GetBytesFromBase64().Chunk(4).Select(bytes => BitConverter.ToInt32(bytes));

    private static double Contrast(string a, string b)
    {
        var (x, y) = (Luminance(a), Luminance(b));
        return (Math.Max(x, y) + 0.05) / (Math.Min(x, y) + 0.05);
    }

    private static double Luminance(string colour) => new[] { 0.2126, 0.7152, 0.0722 }.Select((weight, i) =>
    {
        var value = int.Parse(colour.AsSpan(2 * i, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
        return weight * (value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4));
    }).Sum();
}

using System.Text.Json;
using TransferKit.Analysis.Pictures;
using TransferKit.PublicApi.Tests;

namespace TransferKit.Analysis.Tests.Checking;

/// <summary>Checks folders of parts of photos, in which copies and bad pictures are planted.</summary>
public sealed class DataCheckTests(ITestOutputHelper output) : IDisposable
{
    private static readonly Lazy<IReadOnlyList<RgbImage>> Parts = new(() => Planted.Parts());
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task All_planted_copies_and_leaks_are_found_and_hardly_any_false_ones()
    {
        var planted = new Dictionary<string, (DataFindingKind Kind, string Other)>();
        foreach (var (i, part) in Parts.Value.Index())
            Planted.Save(part, File("train", $"{i:000}.png"));
        for (var i = 0; i < Parts.Value.Count; i += 6)
        {
            var part = Parts.Value[i];
            var original = File("train", $"{i:000}.png");
            System.IO.File.Copy(original, Plant(DataFindingKind.Duplicate, i, "x-bytes.png"));
            Planted.Save(part, Plant(DataFindingKind.PixelDuplicate, i, "x-pixels.ppm"));
        }
        for (var i = 1; i < Parts.Value.Count; i += 6)
        {
            var part = Parts.Value[i];
            if (IsNearlyPlain(part))
                continue;
            Planted.Save(part.Resize(72, 72, Interpolation.Bicubic), Plant(DataFindingKind.NearDuplicate, i, "x-resized.png"));
            Planted.Save(Planted.Crop(part, 6, 0, 122, 128), Plant(DataFindingKind.NearDuplicate, i, "x-cropped.png"));
            Planted.Save(Planted.Crop(part, 3, 3, 122, 122), Plant(DataFindingKind.NearDuplicate, i, "x-cropped-around.png"));
            Planted.Save(part, Plant(DataFindingKind.NearDuplicate, i, "x-encoded.jpg"), quality: 60);
        }
        for (var i = 2; i < Parts.Value.Count; i += 6)
        {
            if (IsNearlyPlain(Parts.Value[i]))
                continue;
            planted.Add($"{i:000}.png {DataFindingKind.Leak}", (DataFindingKind.Leak, File("test", $"{i:000}.jpg")));
            Planted.Save(Planted.Crop(Parts.Value[i], 0, 5, 128, 123), File("test", $"{i:000}.jpg"), quality: 80);
        }
        Planted.Save(Parts.Value[0].Resize(64, 64, Interpolation.Lanczos), File("test", "copy.png"));
        planted.Add($"000.png {DataFindingKind.Leak}", (DataFindingKind.Leak, File("test", "copy.png")));

        var report = await CheckAsync(new() { TestFolder = File("test") });

        DataFindingKind[] kinds =
            [DataFindingKind.Duplicate, DataFindingKind.PixelDuplicate, DataFindingKind.NearDuplicate, DataFindingKind.Leak];
        var found = report.Of(kinds).Findings.ToDictionary(f => $"{f.Name} {f.Kind}");
        string[] missed = [.. planted.Where(p => !found.TryGetValue(p.Key, out var f) || f.Other != p.Value.Other).Select(p => p.Key)];
        string[] wrong = [.. found.Keys.Except(planted.Keys)];
        output.WriteLine(
            $"{report.Pictures} pictures, {planted.Count} copies planted: {missed.Length} missed ({string.Join(", ", missed)}), "
            + $"{wrong.Length} false ({string.Join(", ", wrong.Select(w => $"{w} {found[w].Message}"))}).");
        Assert.Empty(missed);
        Assert.InRange(wrong.Length, 0, report.Pictures / 100);

        string Plant(DataFindingKind kind, int i, string ending)
        {
            planted.Add($"{i:000}{ending} {kind}", (kind, File("train", $"{i:000}.png")));
            return File("train", $"{i:000}{ending}");
        }
    }

    [Fact]
    public async Task Bad_pictures_small_classes_and_copies_of_two_labels_are_named()
    {
        var part = Parts.Value[5];
        for (var i = 10; i < 30; i++)
            Planted.Save(Parts.Value[i], File("train", "many", $"{i}.png"));
        System.IO.File.WriteAllText(File("train", "many", "text.jpg"), "no picture");
        Planted.Save(part.Resize(20, 20, Interpolation.Bilinear), File("train", "many", "tiny.png"));
        Planted.Save(part.Resize(128, 30, Interpolation.Bilinear), File("train", "many", "wide.png"));
        Planted.Save(RgbImage.FromRgb24(64, 64, new byte[64 * 64 * 3]), File("train", "many", "black.png"));
        var soft = Parts.Value[7].Resize(8, 8, Interpolation.Bilinear).Resize(256, 256, Interpolation.Bicubic);
        Planted.Save(soft, File("train", "many", "soft.png"));
        Planted.Save(Parts.Value[30], File("train", "few", "one.png"));
        System.IO.File.Copy(File("train", "many", "12.png"), File("train", "few", "twelve.png"));

        var report = await CheckAsync(new());

        Assert.Equal("many/text.jpg", Single(DataFindingKind.Unreadable).Name);
        Assert.Contains("many/tiny.png", report.Of(DataFindingKind.Tiny).Findings.Select(f => f.Name));
        Assert.Equal("many/wide.png", Single(DataFindingKind.OddShape).Name);
        Assert.Equal("many/black.png", Single(DataFindingKind.Blank).Name);
        Assert.Equal("many/soft.png", Single(DataFindingKind.Blurred).Name);
        Assert.Equal("few", Single(DataFindingKind.Imbalance).Name);
        Assert.Contains("Their labels differ: many and few.", Single(DataFindingKind.Duplicate).Message);
        Assert.Equal(File("train", "few", "twelve.png"), Single(DataFindingKind.Duplicate).Other);
        Assert.Empty(report.Omitted);

        DataFinding Single(DataFindingKind kind) => Assert.Single(report.Of(kind).Findings);
    }

    [Fact]
    public async Task A_kept_feature_set_is_used_again_and_the_report_becomes_json_csv_and_a_page()
    {
        Planted.Save(Parts.Value[0], File("train", "a, \"b\".png"));
        System.IO.File.Copy(File("train", "a, \"b\".png"), File("train", "b.png"));
        var options = new DataCheckOptions { Features = _folder.File("features") };
        var steps = new List<DataCheckStep>();

        await CheckAsync(options);
        var report = await CheckAsync(options, new Told(p => { lock (steps) steps.Add(p.Step); }));
        report.SaveCsv(_folder.File("report.csv"));
        report.SaveHtml(_folder.File("report.html"));

        Assert.Contains(DataCheckStep.Reading, steps);
        Assert.Contains("no folder of a class", Assert.Single(report.Omitted));
        var finding = Assert.Single(report.Of(DataFindingKind.Duplicate).Findings);
        Assert.Equal("b.png", finding.Name);
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal("duplicate", json.RootElement.GetProperty("findings")[0].GetProperty("kind").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("counts").GetProperty("duplicate").GetInt32());
        var csv = System.IO.File.ReadAllText(_folder.File("report.csv"));
        Assert.StartsWith("kind,path,other,label,suggestion,score,message\nduplicate,", csv);
        Assert.Contains("a, \"\"b\"\".png\"", csv);
        var html = System.IO.File.ReadAllText(_folder.File("report.html"));
        Assert.Contains("a, &quot;b&quot;.png", html);
        Assert.Equal(2, html.Split("data:image/jpeg;base64,").Length - 1);
        Assert.DoesNotContain("src=\"file", html);
    }

    [Fact]
    public void Features_without_pictures_have_near_copies_outliers_and_labels()
    {
        var random = new Random(3);
        var numbers = new List<float>();
        for (var i = 0; i < 200; i++)
            numbers.AddRange(Vector(i % 2));
        numbers.AddRange(numbers[..40].Select(v => v + 0.001f * (float)random.NextDouble()));
        numbers.AddRange(Enumerable.Range(0, 40).Select(d => d < 20 ? -3f : 3f * (d % 2)));
        var features = FeatureTable.Of([.. Enumerable.Range(0, 202).Select(i => $"{(i == 10 ? 1 : i % 2)}/{i}")], numbers.ToArray());

        var report = DataCheck.Run(features, options: new() { LeastCosine = 0.999 });

        Assert.Equal("0/200", Assert.Single(report.Of(DataFindingKind.NearDuplicate).Findings).Name);
        Assert.Equal("1/201", Assert.Single(report.Of(DataFindingKind.Outlier).Findings).Name);
        var wrong = report.Of(DataFindingKind.WrongLabel).Findings;
        Assert.Contains(wrong, f => f is { Name: "1/10", Suggestion: "0" });
        Assert.Throws<ArgumentException>(() => DataCheck.Run(features, ["a"]));

        IEnumerable<float> Vector(int label) => Enumerable.Range(0, 40).Select(d => (d % 2 == label ? 2 : 1) + (float)random.NextDouble());
    }

    [Fact]
    public async Task A_check_can_be_cancelled_and_folders_in_each_other_are_refused()
    {
        Planted.Save(Parts.Value[0], File("train", "a.png"));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CheckAsync(new(), cancellationToken: cancelled.Token));
        await Assert.ThrowsAsync<ArgumentException>(() => CheckAsync(new() { TestFolder = File("train", "test") }));
        await Assert.ThrowsAsync<ArgumentException>(() => CheckAsync(new() { Features = File("train") }));
    }

    public void Dispose() => _folder.Dispose();

    private string File(params string[] parts) => _folder.File(parts);

    // A sky has nothing that tells its copies from another part of it.
    private static bool IsNearlyPlain(RgbImage part) => Thumbnail.Correlation(Thumbnail.Of(part), Thumbnail.Of(part)) == 0;

    private async Task<DataReport> CheckAsync(
        DataCheckOptions options, IProgress<DataCheckProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var backbone = Networks.Load((96, 96));
        return await DataCheck.RunAsync(File("train"), backbone, options, progress, cancellationToken);
    }

    private sealed class Told(Action<DataCheckProgress> report) : IProgress<DataCheckProgress>
    {
        public void Report(DataCheckProgress value) => report(value);
    }
}

namespace TransferKit.FeatureSets.Tests;

public sealed class FeatureSetTests : IDisposable
{
    private readonly Pictures _pictures = new(50, broken: 2);

    [Fact]
    public async Task A_set_has_a_row_for_each_file_with_what_was_learned_of_it()
    {
        var report = await _pictures.ExtractAsync("set", new() { Shards = 3 });

        Assert.Equal((52, 50, 2, 52, true), (report.Files, report.Rows, report.Failures, report.Computed, report.IsComplete));
        Assert.Equal(["broken0.jpg", "broken1.jpg"], report.Skipped.Select(r => r.Path).Order());
        Assert.Equal(
            ["_SUCCESS", "_manifest.json", "shard-00000-of-00003.parquet", "shard-00001-of-00003.parquet", "shard-00002-of-00003.parquet"],
            _pictures.Bytes("set").Select(f => f.Name));
        using var set = FeatureSet.Open(_pictures.Out("set"));
        var token = TestContext.Current.CancellationToken;
        var rows = await set.ReadAsync(token).ToDictionaryAsync(r => r.Path, cancellationToken: token);
        Assert.Equal(52, rows.Count);
        var row = rows["1/0007.ppm"];
        Assert.Equal([7f, 7f, 7f], row.Features.ToArray());
        var file = new FileInfo(Path.Combine(_pictures.Path, "1", "0007.ppm"));
        Assert.Equal((file.Length, new ImageSize(8, 8)), (row.File!.Length, row.File.Size!.Value));
        var hash = System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file.FullName));
        Assert.Equal(Convert.ToHexStringLower(hash), row.File.Sha256);
        Assert.Equal(file.LastWriteTimeUtc, row.File.Modified, TimeSpan.FromMicroseconds(1));
        var broken = rows["broken0.jpg"];
        Assert.Equal((true, SkipReason.NotAnImage, 10L), (broken.IsSkipped, broken.Reason, broken.File!.Length));
        Assert.StartsWith("broken0.jpg: ", broken.Error!.Message);
        Assert.Equal("mean_colour", set.Stamp["backbone"]);
    }

    [Fact]
    public async Task A_row_is_found_by_its_name_and_all_features_are_one_tensor()
    {
        await _pictures.ExtractAsync("set", new() { Shards = 4 });
        using var set = FeatureSet.Open(_pictures.Out("set"));

        foreach (var i in new[] { 0, 17, 49, 17 })
        {
            var found = await set.FindAsync($"{i % 3}/{i:0000}.ppm", TestContext.Current.CancellationToken);
            Assert.Equal((float[])[i, i, i], found!.Features.ToArray());
        }
        Assert.Null(await set.FindAsync("absent.ppm", TestContext.Current.CancellationToken));
        var (names, features) = await set.ReadTensorAsync(TestContext.Current.CancellationToken);
        Assert.Equal([50, 3], features.Lengths.ToArray().Select(l => (int)l));
        Assert.Equal(int.Parse(names[30].AsSpan(2, 4)), features[30, 1]);
        Assert.Equal(52, await set.ReadNamesAsync(TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(".parquet"), InlineData(".arrow"), InlineData(".csv"), InlineData(".jsonl"), InlineData(".npz")]
    public async Task A_set_goes_into_every_format_and_back(string extension)
    {
        _pictures.Add("a,\"b\"\n.ppm", 200);
        await _pictures.ExtractAsync("set", new() { Shards = 2 });
        using var set = FeatureSet.Open(_pictures.Out("set"));
        var expected = await Text(set, withFailures: extension != ".npz", withFiles: extension != ".npz");

        await set.SaveAsync(_pictures.Out("a" + extension), TestContext.Current.CancellationToken);
        using var file = FeatureSet.Open(_pictures.Out("a" + extension));

        Assert.Equal(set.Shape, file.Shape);
        Assert.Equal(expected, await Text(file, withFailures: true, withFiles: true));
        var found = await file.FindAsync("a,\"b\"\n.ppm", TestContext.Current.CancellationToken);
        Assert.Equal((float[])[200f, 200f, 200f], found!.Features.ToArray());
        await file.SaveAsync(_pictures.Out("b.csv"), TestContext.Current.CancellationToken);
        using var last = FeatureSet.Open(_pictures.Out("b.csv"));
        Assert.Equal(expected, await Text(last, withFailures: true, withFiles: true));
    }

    [Theory]
    [InlineData("x.pb"), InlineData("x"), InlineData("x.npz.gz")]
    public void An_unknown_format_is_refused_with_the_list(string name)
    {
        var error = Assert.Throws<OutputFormatException>(() => FeatureSinks.Create(_pictures.Out(name)));

        Assert.Equal([".npz", ".npy", ".parquet", ".csv", ".jsonl", ".arrow"], error.Extensions);
        Assert.All(error.Extensions, e => Assert.Contains(e, error.Message));
    }

    [Fact]
    public async Task A_file_is_the_same_as_that_of_an_extraction_without_a_set()
    {
        using var source = ImageSource.Folder(_pictures.Path, recursive: true);
        var extractor = new FeatureExtractor(new PublicApi.Tests.MeanColour(), new() { Recursive = true });

        await extractor.ExtractFileAsync(source, _pictures.Out("a.npz"), cancellationToken: TestContext.Current.CancellationToken);
        extractor.Extract(_pictures.Path, _pictures.Out("b.npz"));

        using var a = FeatureSet.Open(_pictures.Out("a.npz"));
        using var b = FeatureSet.Open(_pictures.Out("b.npz"));
        Assert.Equal(await Text(a, true, true), await Text(b, true, true));
        var names = Directory.GetFileSystemEntries(_pictures.Out()).Select(Path.GetFileName);
        Assert.Equal(["a.npz", "b.npz"], names.Where(n => n != "pictures").Order());
    }

    private static async Task<List<string>> Text(FeatureSet set, bool withFailures, bool withFiles)
    {
        var rows = new List<string>();
        await foreach (var row in set.ReadAsync(TestContext.Current.CancellationToken))
        {
            if (withFailures || !row.IsSkipped)
            {
                var features = string.Join(' ', row.Features.ToArray());
                rows.Add($"{row.Path} {features} {row.Reason} {row.Error?.Message} {(withFiles ? row.File : null)}");
            }
        }
        return rows;
    }

    public void Dispose() => _pictures.Dispose();
}

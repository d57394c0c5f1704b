using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Tests;

public sealed class ShardTests : IDisposable
{
    private readonly Pictures _pictures = new(60, broken: 3);

    [Fact]
    public async Task Several_workers_write_the_bytes_of_one()
    {
        await _pictures.ExtractAsync("one", new() { Shards = 5 });
        for (var worker = 0; worker < 3; worker++)
        {
            var report = await _pictures.ExtractAsync("three", new() { Shards = 5, Worker = new(worker, 3) });
            Assert.False(report.IsComplete);
        }
        Assert.Equal(63, (await FeatureSet.MergeAsync(_pictures.Out("three"), TestContext.Current.CancellationToken)).Files);

        Assert.Equal(_pictures.Bytes("one"), _pictures.Bytes("three"));
    }

    [Fact]
    public async Task Workers_that_claim_shards_write_the_bytes_of_one()
    {
        await _pictures.ExtractAsync("one", new() { Shards = 8 });

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            _pictures.ExtractAsync("claimed", new() { Shards = 8, Claim = true }, () => Thread.Sleep(5)))));

        Assert.Equal(_pictures.Bytes("one"), _pictures.Bytes("claimed"));
    }

    [Fact]
    public void A_file_belongs_to_the_same_shard_on_every_system_and_in_every_version()
    {
        Assert.Equal(
            [749, 611, 862, 69],
            new[] { "a.jpg", "cats/1.jpg", "Größe/日本.png", new string('x', 600) }.Select(p => SetLayout.ShardOf(p, 1000)));
        var counts = Enumerable.Range(0, 10_000).CountBy(i => SetLayout.ShardOf($"photos/{i}.jpg", 10)).ToArray();
        Assert.Equal(10, counts.Length);
        Assert.All(counts, c => Assert.InRange(c.Value, 900, 1100));
    }

    [Theory]
    [InlineData(1, 1), InlineData(50_000, 1), InlineData(50_001, 2), InlineData(1_000_000, 20)]
    public void The_number_of_files_gives_that_of_the_shards(long files, int shards) =>
        Assert.Equal(shards, FeatureSetExtensions.DefaultShards(files));

    [Fact]
    public async Task Another_number_of_workers_or_shards_is_refused()
    {
        await _pictures.ExtractAsync("set", new() { Shards = 4, Worker = new(0, 2) });

        var workers = await Assert.ThrowsAsync<FeatureSetChangedException>(() =>
            _pictures.ExtractAsync("set", new() { Worker = new(1, 4) }));
        var shards = await Assert.ThrowsAsync<FeatureSetChangedException>(() => _pictures.ExtractAsync("set", new() { Shards = 8 }));

        Assert.Equal(["workers: was 2, is 4"], workers.Differences);
        Assert.Equal(["shards: was 4, is 8"], shards.Differences);
        await _pictures.ExtractAsync("set");
        var check = await FeatureSet.CheckAsync(_pictures.Out("set"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(63, check.Files);
    }

    [Theory]
    [InlineData(4, 4), InlineData(-1, 4), InlineData(0, 0)]
    public void A_worker_out_of_range_is_refused(int index, int count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShardWorker(index, count));

    [Fact]
    public async Task A_merge_names_the_missing_shard_and_the_status_shows_it()
    {
        await _pictures.ExtractAsync("set", new() { Shards = 4, Worker = new(0, 2) });

        var error = await Assert.ThrowsAsync<FeatureSetException>(() =>
            FeatureSet.MergeAsync(_pictures.Out("set"), TestContext.Current.CancellationToken));
        var status = await FeatureSet.StatusAsync(_pictures.Out("set"), TestContext.Current.CancellationToken);

        Assert.Contains("2 of 4 shards are missing, the first shard-00001-of-00004.parquet", error.Message);
        Assert.Equal([true, false, true, false], status.Select(s => s.IsComplete));
        Assert.False(File.Exists(_pictures.Out("set", "_SUCCESS")));
        Assert.Throws<FeatureSetException>(() => FeatureSet.Open(_pictures.Out("set")));
    }

    [Theory]
    [InlineData("mobilenet_v2")]
    [InlineData("convnext_tiny")]
    public async Task Features_have_the_same_bits_whatever_runs_beside(string name)
    {
        using var backbone = Backbone.Load(
            name,
            new BackboneOptions
            {
                IncludeTop = false,
                Pooling = Pooling.Avg,
                InputSize = (32, 32),
                Weights = Weights.Random(1),
                CacheCompiledModel = false,
            });
        async Task<Dictionary<string, float[]>> Rows(string set, int shards, int batch)
        {
            await new FeatureExtractor(backbone, new() { BatchSize = batch, Recursive = true })
                .ExtractSetAsync(_pictures.Path, _pictures.Out(set), new() { Shards = shards });
            using var read = FeatureSet.Open(_pictures.Out(set));
            return await read.ReadAsync().Where(r => !r.IsSkipped).ToDictionaryAsync(r => r.Path, r => r.Features.ToArray());
        }

        var (a, b) = (await Rows("a", 1, 16), await Rows("b", 7, 5));

        Assert.Equal(60, a.Count);
        Assert.All(a, row => Assert.Equal(row.Value, b[row.Key]));
    }

    public void Dispose() => _pictures.Dispose();
}

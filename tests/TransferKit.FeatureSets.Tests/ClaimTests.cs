using System.Globalization;

namespace TransferKit.FeatureSets.Tests;

/// <summary>Claims of workers on other machines, which tell of themselves by a heartbeat alone.</summary>
public sealed class ClaimTests : IDisposable
{
    private static readonly FeatureSetOptions Options = new() { Shards = 3, Claim = true, ClaimExpiry = TimeSpan.FromSeconds(1) };
    private readonly Pictures _pictures = new(30);

    [Fact]
    public async Task A_claim_without_a_heartbeat_expires_and_its_shard_is_written_by_another_worker()
    {
        await _pictures.ExtractAsync("one", new() { Shards = 3 });
        Claim(shard: 1, beat: 5);

        var report = await _pictures.ExtractAsync("set", Options);

        Assert.True(report.IsComplete);
        Assert.Equal(_pictures.Bytes("one"), _pictures.Bytes("set"));
    }

    [Fact]
    public async Task A_claim_with_a_heartbeat_is_waited_for()
    {
        Claim(shard: 1, beat: 0);
        using var beats = new Timer(_ => Claim(shard: 1, beat: Environment.TickCount64), null, 100, 100);

        var running = _pictures.ExtractAsync("set", Options);
        while (Shards() < 2)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        await Task.Delay(2 * Options.ClaimExpiry, TestContext.Current.CancellationToken);

        Assert.Equal((2, false), (Shards(), running.IsCompleted));
        await beats.DisposeAsync();
        Assert.True((await running).IsComplete);
    }

    [Fact]
    public async Task A_claim_that_is_damaged_expires()
    {
        Claim(shard: 0, beat: 1);
        File.WriteAllText(_pictures.Out("set", ".work", "00000.claim"), "{\"machine");

        Assert.True((await _pictures.ExtractAsync("set", Options)).IsComplete);
    }

    private int Shards() => Directory.GetFiles(_pictures.Out("set"), "shard-*.parquet").Length;

    private void Claim(int shard, long beat)
    {
        var path = _pictures.Out("set", ".work", string.Create(CultureInfo.InvariantCulture, $"{shard:00000}.claim"));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"machine":"elsewhere","process":1,"started":1,"token":"t","beat":{{beat}}}""");
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }

    public void Dispose() => _pictures.Dispose();
}

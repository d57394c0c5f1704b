using Microsoft.Extensions.Logging;
using static TransferKit.Tests.WeightSources.FileServer;

namespace TransferKit.Tests.WeightSources;

public sealed class WeightStoreLogTests : StoreFixture
{
    [Fact]
    public async Task What_happens_is_logged_by_event_ids()
    {
        using var log = new MemoryLog();
        await using var server = await StartAsync(Status(500), Good(MakeContent(Content.Length, seed: 2)), Good(Content, "\"v2\""));
        var options = Options() with { LoggerFactory = log };
        await EnsureAsync(Entry(server.Url), options);
        await EnsureAsync(Entry(server.Url), options);
        Assert.Equal(
            ["TryStarted", "TryFailed", "TryStarted", "Rejected", "TryFailed", "TryStarted", "Downloaded", "Verified", "Remembered"],
            log.Events.Select(e => e.Id.Name));
        Assert.Equal([3, 5, 3, 7, 5, 3, 4, 2, 1], log.Events.Select(e => e.Id.Id));
        Assert.All(log.Events, e => Assert.Contains("weights.h5", e.Text));
    }

    [Fact]
    public async Task The_end_is_logged_as_an_error()
    {
        using var log = new MemoryLog();
        await using var server = await StartAsync(Status(404));
        await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(server.Url), Options() with { LoggerFactory = log }));
        Assert.Equal([3, 6, 10], log.Events.Select(e => e.Id.Id));
        Assert.Equal(LogLevel.Error, log.Events[^1].Level);
    }
}

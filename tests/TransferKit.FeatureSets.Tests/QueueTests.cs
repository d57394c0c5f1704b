using System.Diagnostics;
using RabbitMQ.Client;
using TransferKit.Tests;

namespace TransferKit.FeatureSets.Tests;

/// <summary>Runs the consumer of docs/clusters.md, which is compiled into these tests, on a real RabbitMQ server.</summary>
public sealed class QueueTests : IDisposable
{
    private const int Shards = 64;
    private readonly Pictures _pictures = new(300, broken: 2);

    [Fact]
    public async Task Consumers_of_a_queue_write_the_bytes_of_one_process_though_one_is_killed_and_a_message_comes_twice()
    {
        Assert.SkipUnless(RabbitMqServer.IsInstalled, "The test needs Debian's package rabbitmq-server.");
        var token = TestContext.Current.CancellationToken;
        await _pictures.ExtractAsync("one", new() { Shards = Shards });
        using var server = await RabbitMqServer.StartAsync(_pictures.Out("server"));
        await using var connection = await RabbitMqServer.ConnectAsync(server.Port);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: token);
        await Snippets.Queue.SendAsync(channel);
        await channel.BasicPublishAsync(exchange: "", "shards", BitConverter.GetBytes(0), token);

        string[] arguments = [_pictures.Path, _pictures.Out("queue"), server.Port];
        using var first = ChildProcess.Start(ConsumeAsync, arguments);
        await UntilAsync(() => ShardsDone() >= 5);
        using var second = ChildProcess.Start(ConsumeAsync, arguments);
        await UntilAsync(() => ShardsDone() >= 12);
        first.Kill();
        await first.WaitForExitAsync(token);
        // The server gives the message of the killed consumer to the other one.
        await UntilAsync(() => second.HasExited || ShardsDone() == Shards);
        second.Kill();
        await second.WaitForExitAsync(token);

        Assert.Equal(302, (await FeatureSet.MergeAsync(_pictures.Out("queue"), token)).Files);
        Assert.Equal(_pictures.Bytes("one"), _pictures.Bytes("queue"));
    }

    private int ShardsDone() => Directory.Exists(_pictures.Out("queue"))
        ? Directory.GetFiles(_pictures.Out("queue"), "shard-*.parquet").Length
        : 0;

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (var clock = Stopwatch.StartNew(); !isSo();)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(3), "The consumers did not get there in time.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private static async Task ConsumeAsync(string[] args)
    {
        await using var connection = await RabbitMqServer.ConnectAsync(args[2]);
        await using var channel = await connection.CreateChannelAsync();
        await Snippets.Queue.ConsumeAsync(channel, Pictures.Extractor(() => Thread.Sleep(5)), args[0], args[1]);
        await Task.Delay(Timeout.Infinite);
    }

    public void Dispose() => _pictures.Dispose();
}

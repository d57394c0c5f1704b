using System.Diagnostics;
using System.Globalization;
using TransferKit.WeightSources.Store;
using static TransferKit.Tests.WeightSources.FileServer;

namespace TransferKit.Tests.WeightSources;

public sealed class WeightStoreProcessTests : StoreFixture
{
    [Fact]
    public async Task Many_processes_make_one_download()
    {
        await using var server = await StartAsync(Good(Content, bytesPerPiece: 10_000, pause: 50));
        var processes = Enumerable.Range(0, 8).Select(_ => FetchProcess.Start(Cache, Entry(server.Url))).ToArray();
        foreach (var process in processes)
            await SucceedsAsync(process);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Workers_with_a_read_only_mirror_ask_no_server()
    {
        await using var server = await StartAsync(Good(Content));
        var mirror = Directory.CreateDirectory(System.IO.Path.Combine(Root, "mirror")).FullName;
        var file = System.IO.Path.Combine(mirror, "weights.h5");
        File.WriteAllBytes(file, Content);
        // A read-only folder could not be deleted after the test.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead);

        var files = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => EnsureAsync(
            Entry(server.Url), Options() with { CacheDirectory = System.IO.Path.Combine(Root, $"{worker}"), Mirrors = [mirror] })));

        Assert.All(files, f => Assert.Equal(Content, File.ReadAllBytes(f.Path)));
        Assert.Equal((8, 0), (files.Select(f => f.Path).Distinct().Count(), server.Requests));
    }

    [Fact]
    public async Task Nodes_that_a_busy_server_sends_away_come_back_at_different_times_and_none_before_its_time()
    {
        const int Nodes = 20;
        await using var server = await StartAsync([.. Enumerable.Repeat(Status(503, "1"), Nodes), Good(Content)]);

        await Task.WhenAll(Enumerable.Range(0, Nodes).Select(node => EnsureAsync(
            Entry(server.Url),
            Options() with { CacheDirectory = System.IO.Path.Combine(Root, $"{node}"), MaxRetryDelay = TimeSpan.FromSeconds(5) })));

        var pauses = Reports.Where(r => r.State == WeightDownloadState.Retrying).Select(r => r.Message!.Split(' ')[^2]).ToArray();
        Assert.Equal(Nodes, pauses.Length);
        Assert.All(pauses, pause => Assert.InRange(double.Parse(pause, CultureInfo.InvariantCulture), 1, 1.5));
        Assert.True(pauses.Distinct().Count() > 2);
        Assert.Equal(2 * Nodes, server.Requests);
    }

    // Without the system's locks, processes rely on owners and heartbeats in the lock file. Two that start at the same moment
    // may both take it; then one of them yields.
    [Fact]
    public async Task Many_processes_on_a_folder_without_file_locks_wait_for_each_other_too()
    {
        await using var server = await StartAsync(Good(Content, bytesPerPiece: 10_000, pause: 50));
        var processes = Enumerable.Range(0, 8).Select(_ => FetchProcess.Start(Cache, Entry(server.Url), fileLocks: false)).ToArray();
        foreach (var process in processes)
            await SucceedsAsync(process);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.InRange(server.Requests, 1, processes.Length - 1);
    }

    // This test forces the race that the previous one rarely meets.
    [Fact]
    public async Task One_that_was_overtaken_gives_way_and_waits_for_the_other()
    {
        await using var server = await StartAsync(Good(Content, bytesPerPiece: 10_000, pause: 20));
        var process = FetchProcess.Start(Cache, Entry(server.Url), fileLocks: false);
        while (server.Requests == 0 && !process.HasExited)
            await Task.Delay(5, Token);
        File.WriteAllText(Target + ".lock", """{"Machine":"elsewhere","Process":1,"Started":1,"Token":"x","Beat":3}""");
        while (PartialFile.Peek(new CachePaths(Cache, "weights.h5")).Length < Content.Length && !process.HasExited)
            await Task.Delay(5, Token);
        await Task.Delay(300, Token);
        Assert.False(process.HasExited || File.Exists(Target));
        File.WriteAllText(Target + ".lock", "");
        await SucceedsAsync(process);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Target + ".rejected"));
    }

    [Fact]
    public Task Processes_killed_at_any_moment_leave_nothing_that_stops_the_next() => KillAsync(8);

    [Fact, Trait("Category", "Slow")]
    public Task Fifty_processes_killed_at_any_moment_leave_nothing_that_stops_the_next() => KillAsync(50);

    private async Task KillAsync(int times)
    {
        await using var server = await StartAsync(Good(Content, bytesPerPiece: 5_000, pause: 10));
        var entry = Entry(server.Url);
        var random = new Random(1);
        var whole = 0;
        for (var run = 0; run < times; run++)
        {
            using var process = FetchProcess.Start(Cache, entry);
            // Some processes are killed before the download begins, others during it.
            var until = server.Requests + 1;
            while (run % 4 != 0 && server.Requests < until && !process.HasExited)
                await Task.Delay(5, Token);
            await Task.Delay(random.Next(150), Token);
            process.Kill();
            await process.WaitForExitAsync(Token);
            if (!File.Exists(Target))
                continue;
            // The download was complete, so the next process starts again.
            whole++;
            Assert.Equal(Content, File.ReadAllBytes(Target));
            File.Delete(Target);
        }
        await SucceedsAsync(FetchProcess.Start(Cache, entry));
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Target + ".rejected"));
        Assert.Contains(server.Ranges, range => range is not null);
        TestContext.Current.SendDiagnosticMessage(
            "{0} processes killed, {1} of them when the file was whole; {2} requests; the right file at the end", times, whole,
            server.Requests);
    }

    private static async Task SucceedsAsync(Process process)
    {
        using (process)
        {
            var error = await process.StandardError.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            Assert.True(process.ExitCode == 0, error);
        }
    }
}

namespace TransferKit.Hosting.Tests;

public sealed class WorkerSampleTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("transferkit-worker-").FullName;

    [Fact]
    public async Task It_reads_a_folder_and_at_the_next_run_only_what_is_new()
    {
        var pictures = Directory.CreateDirectory(Path.Combine(_root, "pictures")).FullName;
        File.Copy(Path.Combine(Sample.Pictures, "rocket.jpg"), Path.Combine(pictures, "a.jpg"));
        await File.WriteAllTextAsync(Path.Combine(pictures, "b.jpg"), "no picture", TestContext.Current.CancellationToken);

        Assert.Contains("1 rows, 1 failures, 2 read", await RunAsync(pictures));
        File.Copy(Path.Combine(Sample.Pictures, "coffee.png"), Path.Combine(pictures, "c.png"));
        Assert.Contains("2 rows, 1 failures, 1 read", await RunAsync(pictures));
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_ends_it_with_1()
    {
        await using var sample = new Sample(
            "Worker", "could not be read", "--Pictures", Path.Combine(_root, "absent"), "--Features", Path.Combine(_root, "features"));

        Assert.Equal(1, await sample.WaitAsync(TestContext.Current.CancellationToken));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private async Task<string> RunAsync(string pictures)
    {
        await using var sample = new Sample(
            "Worker", " rows", "--Pictures", pictures, "--Features", Path.Combine(_root, "features"), "--Interval", "");
        Assert.True(await sample.WaitAsync(TestContext.Current.CancellationToken) == 0, sample.Output);
        return sample.Output;
    }
}

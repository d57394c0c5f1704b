using System.Diagnostics;
using System.Globalization;

namespace TransferKit.Hosting.Tests;

/// <summary>Runs the console sample as containers run programs, and as it is published for them.</summary>
public sealed class DeploymentTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string Rocket = Path.Combine(Sample.Pictures, "rocket.jpg");
    private readonly string _root = Directory.CreateTempSubdirectory("transferkit-deployment-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_needs_neither_root_nor_a_writable_home_nor_a_network_nor_cultures()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can become another user.");
        Assert.SkipUnless(await RunAsync("unshare", "--net", "true") is 0, "This machine allows no namespace without a network.");
        // The other user must be able to read the program, wherever the repository is.
        var program = Path.Combine(_root, "program");
        Assert.Equal(0, await RunAsync("cp", "-rL", Sample.OutputOf("Console"), program));
        File.Copy(Rocket, Path.Combine(_root, "rocket.jpg"));
        var home = Directory.CreateDirectory(Path.Combine(_root, "home")).FullName;
        Assert.Equal(0, await RunAsync("chmod", "-R", "a+rX", _root));

        await using var confined = new Sample(
            [
                "unshare", "--net", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "-u", "TRANSFERKIT_OFFLINE",
                "-u", "KERAS_HOME", $"HOME={home}", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1", "dotnet", "exec",
                Path.Combine(program, "TransferKit.Samples.Console.dll"), Path.Combine(_root, "rocket.jpg"),
            ], "numbers", _root);
        await using var free = new Sample("Console", "numbers", Rocket);

        Assert.True(await confined.WaitAsync(Cancel) == 0, confined.Output);
        Assert.Equal(0, await free.WaitAsync(Cancel));
        Assert.Equal(Numbers(free), Numbers(confined));
        Assert.Empty(Directory.EnumerateFileSystemEntries(home));
    }

    [Theory, Trait("Category", "Slow")]
    [InlineData("trimmed", "--self-contained", "-p:PublishTrimmed=true")]
    [InlineData("one file", "--self-contained", "-p:PublishTrimmed=true", "-p:PublishSingleFile=true")]
    [InlineData("ahead of time", "-p:PublishAot=true")]
    public async Task Published_for_deployment_it_prints_the_same_numbers(string kind, params string[] options)
    {
        var published = Path.Combine(_root, "published");
        await using var publish = new Sample(
            [
                "dotnet", "publish", Sample.Folder("Console"), "-c", "Release", "-r", "linux-x64", "--artifacts-path",
                Path.Combine(_root, "artifacts"), "-o", published, "-nodeReuse:false", "-p:UseSharedCompilation=false", .. options,
            ], "error", _root);
        Assert.True(await publish.WaitAsync(Cancel) == 0, publish.Output);
        Assert.DoesNotContain("warning IL", publish.Output);
        await using var built = new Sample("Console", "numbers", Rocket);
        Assert.Equal(0, await built.WaitAsync(Cancel));

        var times = new List<double>();
        for (var i = 0; i < 11; i++)
        {
            var clock = Stopwatch.StartNew();
            await using var run = new Sample([Path.Combine(published, "TransferKit.Samples.Console"), Rocket], "numbers", _root);
            Assert.True(await run.WaitAsync(Cancel) == 0, run.Output);
            times.Add(clock.Elapsed.TotalMilliseconds);
            Assert.Equal(Numbers(built), Numbers(run));
        }

        var files = new DirectoryInfo(published).GetFiles("*", SearchOption.AllDirectories).Where(f => f.Extension != ".dbg").ToArray();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {kind} | {files.Length} | {files.Sum(f => f.Length) / 1e6:0} | {times.Order().ElementAt(times.Count / 2):0} |"));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string Numbers(Sample sample) => sample.Output[sample.Output.IndexOf(": ", StringComparison.Ordinal)..];

    private async Task<int> RunAsync(params string[] command)
    {
        await using var process = new Sample(command, "\0", _root);
        return await process.WaitAsync(Cancel);
    }
}

using System.Diagnostics;
using System.Globalization;

namespace TransferKit.Hosting.Tests;

/// <summary>Publishes the console sample in each way that deployments use, and runs it. The output has sizes and times.</summary>
[Trait("Category", "Slow")]
public sealed class PublishTests(PublishTests.Builds builds, ITestOutputHelper output) : IClassFixture<PublishTests.Builds>
{
    private const int Runs = 11;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("trimmed", "--self-contained", "-p:PublishTrimmed=true")]
    [InlineData("one-file", "--self-contained", "-p:PublishTrimmed=true", "-p:PublishSingleFile=true")]
    [InlineData("ahead-of-time", "-p:PublishAot=true")]
    public async Task It_prints_the_same_numbers(string kind, params string[] options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The programs are published for Linux.");
        var rocket = Path.Combine(Sample.Pictures, "rocket.jpg");
        var published = Path.Combine(builds.Root, kind);
        // Warnings of the linker and the compiler are errors, as in every build of this repository.
        await using var publish = new Sample(
            [
                "dotnet", "publish", Sample.Folder("Console"), "-c", "Release", "-r", "linux-x64", "-p:RunAnalyzers=false",
                "--artifacts-path", Path.Combine(builds.Root, "artifacts"), "-o", published, "-nodeReuse:false", .. options,
            ], "", builds.Root);
        Assert.True(await publish.WaitAsync(Cancel) == 0, publish.Output);
        await using var built = new Sample("Console", "", rocket);
        Assert.True(await built.WaitAsync(Cancel) == 0, built.Output);

        var times = new List<double>();
        for (var i = 0; i < Runs; i++)
        {
            var clock = Stopwatch.StartNew();
            await using var run = new Sample([Path.Combine(published, "TransferKit.Samples.Console"), rocket], "", builds.Root);
            Assert.True(await run.WaitAsync(Cancel) == 0, run.Output);
            times.Add(clock.Elapsed.TotalMilliseconds);
            Assert.Equal(built.Output, run.Output);
        }

        var files = new DirectoryInfo(published).GetFiles().Where(f => f.Extension is not (".dbg" or ".pdb" or ".xml")).ToArray();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {kind} | {files.Length} | {files.Sum(f => f.Length) / 1e6:0} | {times.Order().ElementAt(Runs / 2):0} |"));
    }

    /// <summary>The folder of all builds, which share what they compile.</summary>
    public sealed class Builds : IDisposable
    {
        public string Root { get; } = Directory.CreateTempSubdirectory("transferkit-publish-").FullName;

        public void Dispose() => Directory.Delete(Root, recursive: true);
    }
}

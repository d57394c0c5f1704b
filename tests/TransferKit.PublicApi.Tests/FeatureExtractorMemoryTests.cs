using System.Diagnostics;
using System.Globalization;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>Tests the memory of extractions of many images in separate processes.</summary>
public sealed class FeatureExtractorMemoryTests : IDisposable
{
    private const int BytesPerImage = 2047;
    private readonly TemporaryFolder _folder = new();

    // The test needs many images, so that single allocations of large pooled arrays do not matter.
    [Fact, Trait("Category", "Slow")]
    public async Task Ten_thousand_images_take_the_memory_of_a_hundred_and_allocate_next_to_nothing()
    {
        var (few, many) = (await MeasureAsync(100), await MeasureAsync(10_000));

        Assert.InRange(many.Peak / few.Peak, 0, 1.1);
        Assert.InRange((many.Allocated - few.Allocated) / 9_900, 0, BytesPerImage);
    }

    private async Task<(double Peak, double Allocated)> MeasureAsync(int images)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Made with a Unix shell.");
        var photos = Directory.CreateDirectory(_folder.File($"{images}")).FullName;
        _folder.Add("rocket.jpg", $"{images}-a");
        _folder.Add("grace_hopper.jpg", $"{images}-b");
        // Hard links to two files take no space on the disk.
        const string script = "for ((i = 10000; i < 10000 + $1; i += 2)); do ln $1-a $1/$i && ln $1-b $1/$((i + 1)) || exit 1; done";
        using (var shell = Process.Start(new ProcessStartInfo("bash", ["-c", script, "bash", $"{images}"])
        {
            WorkingDirectory = _folder.Path,
        })!)
        {
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, shell.ExitCode);
        }
        var result = _folder.File($"{images}.txt");
        // The setting matches the tool. Tiered recompilation takes a constant amount of memory, at a late time.
        using var process = ChildProcess.Start(ExtractAsync, [photos, result], without: "TieredPGO");
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, error);
        var figures = File.ReadAllLines(result);
        return (double.Parse(figures[0], CultureInfo.InvariantCulture), double.Parse(figures[1], CultureInfo.InvariantCulture));
    }

    private static async Task ExtractAsync(string[] args)
    {
        var extractor = new FeatureExtractor(SharedBackbone.MobileNet, new() { BatchSize = 16 });
        // The first run fills pools; the second is measured.
        var before = 0L;
        for (var time = 0; time < 2; time++)
        {
            before = GC.GetTotalAllocatedBytes(precise: true);
            await using var sink = new NpzSink($"{args[1]}.npz");
            await extractor.ExtractAsync(args[0], sink);
        }
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        using var self = Process.GetCurrentProcess();
        await File.WriteAllLinesAsync(args[1], [
            self.PeakWorkingSet64.ToString(CultureInfo.InvariantCulture),
            allocated.ToString(CultureInfo.InvariantCulture),
        ]);
    }

    public void Dispose() => _folder.Dispose();
}

using System.Globalization;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>Tests a full disk by a child process whose files are limited to 200 KiB.</summary>
public class FeatureExtractorFullDiskTests
{
    [Theory]
    [InlineData(100)] // The rows do not fit.
    [InlineData(50)] // The rows fit exactly, but their names do not.
    public async Task A_full_disk_is_told_with_the_files_name_and_nothing_is_left_of_it(int rows)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Limits of this kind are Unix'.");
        using var folder = new TemporaryFolder();
        var target = folder.File("f.npz");

        using var process = ChildProcess.Start(WriteAsync, [target, rows.ToString(CultureInfo.InvariantCulture)], largestFile: 200);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith($"{nameof(OutputFileException)}: '{target}' cannot be written: ", error);
        Assert.DoesNotContain(".f.npz", error);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static async Task WriteAsync(string[] args)
    {
        await using var sink = new NpzSink(args[0]);
        for (var i = 0; i < int.Parse(args[1], CultureInfo.InvariantCulture); i++)
            await sink.WriteAsync(FeatureRow.Of("a.jpg", new float[1024], [1024]));
        await sink.CompleteAsync();
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace TransferKit.PublicApi.Tests;

/// <summary>A disk that fills up, seen by a process of its own whose files may not grow beyond 200 KiB.</summary>
public class FeatureExtractorFullDiskTests
{
    private const string Variable = "TRANSFERKIT_TEST_NPZ";

    [Theory]
    [InlineData(100)] // The rows do not fit.
    [InlineData(50)] // They do, to the byte, but not their names too.
    public async Task A_full_disk_is_told_with_the_files_name_and_nothing_is_left_of_it(int rows)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Limits of this kind are Unix'.");
        using var folder = new TemporaryFolder();
        var target = folder.File("f.npz");
        var start = new ProcessStartInfo(
            "bash", ["-c", "trap '' XFSZ; ulimit -f 200; exec dotnet exec \"$0\"", typeof(FeatureExtractorFullDiskTests).Assembly.Location])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // The runtime itself would put more into files.
            Environment = { ["DOTNET_EnableWriteXorExecute"] = "0", ["DOTNET_EnableDiagnostics"] = "0", [Variable] = $"{rows}|{target}" },
        };

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith($"{nameof(OutputFileException)}: '{target}' cannot be written: ", await output);
        Assert.DoesNotContain(".f.npz", await output);
        Assert.Equal("", await error);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

#pragma warning disable CA2255 // Has to come before the test runner's own entry.
    [ModuleInitializer]
    internal static void RunIfChild()
#pragma warning restore CA2255
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } task)
            return;
        var parts = task.Split('|');
        try
        {
            Write(parts[1], int.Parse(parts[0], CultureInfo.InvariantCulture)).GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            Console.WriteLine($"{e.GetType().Name}: {e.Message}");
        }
        Environment.Exit(0);
    }

    private static async Task Write(string path, int rows)
    {
        await using var sink = new NpzSink(path);
        for (var i = 0; i < rows; i++)
            await sink.WriteAsync(FeatureRow.Of("a.jpg", new float[1024], [1024]));
        await sink.CompleteAsync();
    }
}

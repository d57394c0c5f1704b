using System.Diagnostics;

namespace TransferKit.Tests;

/// <summary>Runs the file-based programs of <c>docs/samples</c> as a reader would: <c>dotnet run FILE</c>.</summary>
internal static class FileApp
{
    public static string Samples { get; } = Path.GetFullPath(Goldens.Path("..", "..", "docs", "samples"));

    /// <summary>Runs a sample from the root of the repository and returns the lines of its output.</summary>
    public static async Task<string[]> RunAsync(string sample, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", ["run", Path.Combine(Samples, sample), "--", .. arguments])
        {
            WorkingDirectory = Path.Combine(Samples, "..", ".."),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Another build server would outlive the test.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, output + await errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}

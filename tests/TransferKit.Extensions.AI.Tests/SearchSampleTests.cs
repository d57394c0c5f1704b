using System.Diagnostics;
using TransferKit.Tests;

namespace TransferKit.Extensions.AI.Tests;

public class SearchSampleTests
{
    [Fact]
    public async Task The_sample_finds_the_picture_itself_first_and_ranks_the_folder()
    {
        var samples = Path.GetFullPath(Goldens.Path("..", "..", "docs", "samples"));
        var pictures = Path.Combine(samples, "pictures");
        var start = new ProcessStartInfo(
            "dotnet", ["run", Path.Combine(samples, "search.cs"), "--", pictures, Path.Combine(pictures, "chelsea.png")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Another build server would outlive the test.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, output + await errors);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.Equal("1.000 chelsea.png", lines[0]);
    }
}

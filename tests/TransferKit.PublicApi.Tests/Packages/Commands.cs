using System.Diagnostics;
using System.Text;

namespace TransferKit.PublicApi.Tests.Packages;

/// <summary>Runs commands as a user of the SDK does: in a folder outside the repository.</summary>
internal static class Commands
{
    /// <summary>Starts a program whose output is read.</summary>
    public static Process Start(
        string folder, string program, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        // A node or a compiler that stays would hold the output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        return Process.Start(start)!;
    }

    /// <summary>Runs a program to its end and returns the lines of its output. A program that fails, fails the test.</summary>
    public static async Task<string[]> RunAsync(
        string folder, string program, string[] arguments, IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellationToken)
    {
        using var process = Start(folder, program, arguments, environment);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}\n{output}{await errors}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}

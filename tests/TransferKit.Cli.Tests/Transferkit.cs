using System.Diagnostics;

namespace TransferKit.Cli.Tests;

/// <summary>Runs the real tool as a process of its own, with a cache of its own and no network.</summary>
internal sealed class Transferkit : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("transferkit-cli-").FullName;

    public string File(params string[] parts) => Path.Combine([Folder, .. parts]);

    public (int ExitCode, string Out, string Error) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Tool).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
            Environment = { ["KERAS_HOME"] = File("keras"), ["TRANSFERKIT_OFFLINE"] = "1" },
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

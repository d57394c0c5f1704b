using System.Diagnostics;

namespace TransferKit.Cli.Tests;

/// <summary>Runs the real tool in a separate process, with a temporary cache and without network by default.</summary>
internal sealed class Transferkit : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("transferkit-cli-").FullName;

    /// <summary>Gets the folder that the tool has for the system's temporary folder.</summary>
    public string Temporary { get; } = Directory.CreateTempSubdirectory("transferkit-cli-").FullName;

    /// <summary>Gets variables of the environment that the tool has besides those of the tests.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public string File(params string[] parts) => Path.Combine([Folder, .. parts]);

    public (int ExitCode, string Out, string Error) Run(params string[] arguments) => Finish(Start(offline: true, arguments));

    /// <summary>Runs a copy of the tool in another folder.</summary>
    public (int ExitCode, string Out, string Error) RunFrom(string folder, params string[] arguments) =>
        Finish(Start(offline: true, folder, arguments));

    private static (int ExitCode, string Out, string Error) Finish(Process started)
    {
        using var process = started;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    public Process Start(bool offline, params string[] arguments) => Start(offline, AppContext.BaseDirectory, arguments);

    private Process Start(bool offline, string folder, string[] arguments) =>
        Start("dotnet", offline, [Path.Combine(folder, Path.GetFileName(typeof(Tool).Assembly.Location)), .. arguments]);

    /// <summary>Starts another program, such as a shell that runs the tool, in the same surroundings.</summary>
    public Process StartProgram(string program, params string[] arguments) => Start(program, offline: true, arguments);

    private Process Start(string program, bool offline, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
            Environment =
            {
                ["KERAS_HOME"] = File("keras"),
                // The tests must not depend on the settings of the user who runs them.
                ["XDG_CONFIG_HOME"] = File("config"),
                ["TRANSFERKIT_OFFLINE"] = offline ? "1" : "0",
                [OperatingSystem.IsWindows() ? "TMP" : "TMPDIR"] = Temporary,
            },
        };
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        Directory.Delete(Temporary, recursive: true);
    }
}

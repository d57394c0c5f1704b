using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using TransferKit.Tests;

namespace TransferKit.Hosting.Tests;

/// <summary>A process of a sample program under <c>docs/samples</c>, which the build of the tests has built.</summary>
internal sealed class Sample : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<string> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="name">The folder of the sample.</param>
    /// <param name="marker">Text of the line of output that <see cref="FindAsync"/> waits for.</param>
    /// <param name="arguments">The arguments of the program.</param>
    public Sample(string name, string marker, params string[] arguments)
        : this(["dotnet", "exec", Path.Combine(OutputOf(name), $"TransferKit.Samples.{name}.dll"), .. arguments], marker, OutputOf(name))
    {
    }

    /// <param name="command">The program and its arguments.</param>
    /// <param name="marker">Text of the line of output that <see cref="FindAsync"/> waits for.</param>
    /// <param name="folder">The working folder.</param>
    public Sample(string[] command, string marker, string folder)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        start.Environment["TRANSFERKIT_OFFLINE"] = "1";
        // The user's own cache stays as it is.
        start.Environment["KERAS_HOME"] = Path.Combine(AppContext.BaseDirectory, "keras");
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Add(e.Data);
        _process.ErrorDataReceived += (_, e) => Add(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        void Add(string? line)
        {
            if (line is null)
                return;
            _lines.Enqueue(line);
            if (line.Contains(marker, StringComparison.Ordinal))
                _found.TrySetResult(line);
        }
    }

    public static string Pictures { get; } = Folder("pictures");

    /// <summary>Gets all lines of output so far.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Waits for the line with the marker.</summary>
    public async Task<string> FindAsync(CancellationToken cancellationToken)
    {
        var ended = _process.WaitForExitAsync(cancellationToken);
        return await Task.WhenAny(_found.Task, ended) == ended && !_found.Task.IsCompleted
            ? throw new InvalidOperationException($"The sample ended: {Output}")
            : await _found.Task;
    }

    /// <summary>Waits for the end of the process and returns its exit code.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Gets the folder that a sample was built into.</summary>
    public static string OutputOf(string name) => Path.Combine(
        Folder(name), "bin",
        typeof(Sample).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Configuration").Value!, "net10.0");

    public static string Folder(string name) => Path.GetFullPath(Goldens.Path("..", "..", "docs", "samples", name));
}

using System.Diagnostics;
using System.Reflection;
using TransferKit.Training;

namespace TransferKit.Cli;

/// <summary>
/// libtorch for <c>transferkit train</c>, the only command that needs it. At 500 MB it is no part of the tool: the first
/// training has the .NET SDK fetch the package for this system, and keeps it beside the weights.
/// </summary>
internal static class LibTorch
{
    private static readonly Dictionary<string, string?> Versions =
        typeof(LibTorch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(a => a.Key, a => a.Value);

    /// <summary>Names the folder that libtorch lies in, and fetches it where there is none yet.</summary>
    /// <exception cref="InvalidOperationException">It is not there and cannot be fetched; the message says how to get it.</exception>
    public static void Ensure(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(TorchRuntime.FolderVariable) is { Length: > 0 })
            return;
        var kept = Path.Combine(WeightStore.Default.CacheDirectory, "transferkit");
        var folder = Path.Combine(kept, $"libtorch-{Versions["LibTorchVersion"]}-cpu");
        if (!Directory.Exists(folder))
        {
            if (WeightStore.Default.IsOffline)
                throw Missing($"{WeightStoreOptions.OfflineVariable} is set, so it is not fetched.");
            Console.Error.WriteLine($"Fetching libtorch for the CPU, once: {folder}");
            Directory.CreateDirectory(kept);
            var unfinished = $"{folder}.{Path.GetRandomFileName()}";
            try
            {
                Build(unfinished, cancellationToken);
                Directory.Move(Path.Combine(unfinished, "out"), folder);
            }
            finally
            {
                if (Directory.Exists(unfinished))
                    Directory.Delete(unfinished, recursive: true);
            }
        }
        Environment.SetEnvironmentVariable(TorchRuntime.FolderVariable, folder);
    }

    // The SDK knows the user's package sources, proxies and credentials, and mends the binding on older systems.
    private static void Build(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "libtorch")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        string[] versions = [.. Versions.Where(v => v.Key.EndsWith("Version", StringComparison.Ordinal)).Select(v => $"-p:{v.Key}={v.Value}")];
        var start = new ProcessStartInfo("dotnet", ["build", "LibTorch.csproj", "-o", "out", "-v", "quiet", "--nologo", .. versions])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // The user asked for libtorch, and not for events about this build.
            Environment = { ["DOTNET_CLI_TELEMETRY_OPTOUT"] = Environment.GetEnvironmentVariable("DOTNET_CLI_TELEMETRY_OPTOUT") ?? "1" },
        };
        using var build = Process.Start(start) ?? throw Missing("dotnet did not start.");
        using var stop = cancellationToken.UnsafeRegister(static b => ((Process)b!).Kill(entireProcessTree: true), build);
        var (output, error) = (build.StandardOutput.ReadToEndAsync(CancellationToken.None), build.StandardError.ReadToEndAsync(CancellationToken.None));
        build.WaitForExit();
        cancellationToken.ThrowIfCancellationRequested();
        if (build.ExitCode != 0)
            throw Missing($"The .NET SDK could not fetch it: {(output.Result + error.Result).Split('\n').FirstOrDefault(l => l.Contains("error", StringComparison.Ordinal))}");
    }

    private static InvalidOperationException Missing(string why) => new(
        $"train needs libtorch, which is no part of the tool. {why} Run one training with the network and the .NET SDK, or set "
        + $"{TorchRuntime.FolderVariable} to the output folder of a project that has TorchSharp-cpu, or a CUDA package of TorchSharp for --device cuda.");
}

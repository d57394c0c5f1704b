using System.Diagnostics;
using System.Reflection;
using TransferKit.Training;

namespace TransferKit.Cli;

/// <summary>
/// Provides libtorch to <c>transferkit train</c>, the only command that needs it. It is too large to be part of the tool, so the
/// first training lets the .NET SDK download the package for this system. It is cached beside the weights.
/// </summary>
internal static class LibTorch
{
    private const string Unfinished = ".unfinished";

    // No download takes this long, so an older folder belongs to a process that was killed.
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private static readonly Dictionary<string, string?> Versions =
        typeof(LibTorch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(a => a.Key, a => a.Value);

    private static string Folder(WeightStore store) =>
        Path.Combine(store.CacheDirectory, "transferkit", $"libtorch-{Versions["LibTorchVersion"]}-cpu");

    /// <summary>Gets whether libtorch was downloaded.</summary>
    /// <param name="store">The store beside whose weights libtorch is cached.</param>
    public static bool IsCached(WeightStore store) => Directory.Exists(Folder(store));

    /// <summary>Sets the folder of libtorch for this process, and downloads libtorch on first use.</summary>
    /// <param name="store">The store beside whose weights libtorch is cached, and which may forbid the network.</param>
    /// <param name="cancellationToken">Token to cancel the download.</param>
    /// <exception cref="InvalidOperationException">libtorch cannot be downloaded; the message says how to get it.</exception>
    public static void Ensure(WeightStore store, CancellationToken cancellationToken)
    {
        TorchRuntime.SilenceWarnings();
        if (Environment.GetEnvironmentVariable(TorchLibraries.FolderVariable) is { Length: > 0 })
            return;
        var folder = Folder(store);
        if (!IsCached(store))
        {
            var cache = Path.GetDirectoryName(folder)!;
            if (store.IsOffline)
                throw Missing($"{WeightStoreOptions.OfflineVariable} or --offline is set, so it is not downloaded.");
            Terminal.Error($"Downloading libtorch for the CPU, on first use, to {folder}");
            Directory.CreateDirectory(cache);
            Sweep(cache);
            var unfinished = $"{folder}.{Guid.NewGuid():N}{Unfinished}";
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
        Environment.SetEnvironmentVariable(TorchLibraries.FolderVariable, folder);
    }

    /// <summary>Deletes what killed downloads left, which is hundreds of megabytes each.</summary>
    internal static void Sweep(string cache)
    {
        foreach (var folder in new DirectoryInfo(cache).EnumerateDirectories($"libtorch-*{Unfinished}"))
        {
            if (DateTime.UtcNow - folder.LastWriteTimeUtc > Abandoned)
                folder.Delete(recursive: true);
        }
    }

    // The SDK knows the user's package sources, proxies and credentials, and its build patches TorchSharp for older systems.
    private static void Build(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "libtorch")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var versions = Versions.Where(v => v.Key.EndsWith("Version", StringComparison.Ordinal)).Select(v => $"-p:{v.Key}={v.Value}");
        var start = new ProcessStartInfo("dotnet", ["build", "LibTorch.csproj", "-o", "out", "-v", "quiet", "--nologo", .. versions])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // The user requested libtorch, so this build must not send telemetry on its own account.
            Environment = { ["DOTNET_CLI_TELEMETRY_OPTOUT"] = Environment.GetEnvironmentVariable("DOTNET_CLI_TELEMETRY_OPTOUT") ?? "1" },
        };
        using var build = Process.Start(start) ?? throw Missing("dotnet did not start.");
        using var stop = cancellationToken.UnsafeRegister(static b => ((Process)b!).Kill(entireProcessTree: true), build);
        var output = build.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = build.StandardError.ReadToEndAsync(CancellationToken.None);
        build.WaitForExit();
        cancellationToken.ThrowIfCancellationRequested();
        if (build.ExitCode != 0)
        {
            var problem = (output.Result + error.Result).Split('\n').FirstOrDefault(l => l.Contains("error", StringComparison.Ordinal));
            throw Missing($"The .NET SDK could not download it: {problem}");
        }
    }

    private static InvalidOperationException Missing(string why) => new(
        $"train needs libtorch, which is not part of the tool. {why} Run one training with a network and the .NET SDK, or set "
        + $"{TorchLibraries.FolderVariable} to the output folder of a project that references TorchSharp-cpu, or a CUDA package of "
        + "TorchSharp for --device cuda.");
}

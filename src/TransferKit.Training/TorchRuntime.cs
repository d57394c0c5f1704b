using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;
using TransferKit.Common;

namespace TransferKit.Training;

/// <summary>
/// Thrown when libtorch does not load: no native package, one for another system, or a libstdc++ that is too old. The
/// message says which and what to do.
/// </summary>
public sealed class TorchUnavailableException : TransferKitException
{
    internal TorchUnavailableException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>libtorch, loaded once, with an error that a person can act on where it does not load.</summary>
internal static class TorchRuntime
{
    /// <summary>The environment variable that names libtorch's folder, where it does not lie beside the program.</summary>
    public const string FolderVariable = "TRANSFERKIT_LIBTORCH";

    private const string Version = "GLIBCXX_3.4.32";
    private static readonly Lazy<Exception?> Failure = new(Load);

    public static void Ensure()
    {
        if (Failure.Value is { } failure)
            throw new TorchUnavailableException(Explain(failure), failure);
    }

    internal static string Explain(Exception failure)
    {
        var why = failure.ToString();
        if (why.Contains(Version, StringComparison.Ordinal))
        {
            return $"libtorch does not load: this system's libstdc++ has no {Version} (it comes with GCC 13.2). TorchSharp's library "
                + "asks for it and never calls it. Build with -p:TransferKitMendLibTorchSharp=always to change that in the copy in the output.";
        }
        if (File.Exists("/etc/alpine-release"))
            return "libtorch does not load: it is built for glibc, and Alpine has musl. Use a Debian or Ubuntu image.";
        return $"libtorch does not load on {RuntimeInformation.RuntimeIdentifier}. The project that runs chooses it: add the package TorchSharp-cpu, "
            + $"or TorchSharp-cuda-linux / TorchSharp-cuda-windows for a GPU, of the version of TorchSharp; or name a folder that has it in {FolderVariable}. ({failure.GetBaseException().Message.ReplaceLineEndings("\n").Split('\n')[0]})";
    }

    private static Exception? Load()
    {
        SpinLess();
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += FromFolder;
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            using var probe = torch.zeros(1);
            // A user who sets the variable decides.
            if (ProcessorLimit.Threads is { } threads && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OMP_NUM_THREADS")))
                torch.set_num_threads(threads);
            return null;
        }
        // TorchSharp throws what it meets: NotSupported, DllNotFound, TypeInitialization, its own ExternalException.
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    // Asked for what lies beside no assembly. Libraries that one of these needs are found in its own folder.
    private static nint FromFolder(Assembly assembly, string name)
    {
        if (assembly != typeof(torch).Assembly || Environment.GetEnvironmentVariable(FolderVariable) is not { Length: > 0 } folder)
            return 0;
        var (system, file) = OperatingSystem.IsWindows() ? ("win", $"{name}.dll") : OperatingSystem.IsMacOS() ? ("osx", $"lib{name}.dylib") : ("linux", $"lib{name}.so");
        // Output that is built for one system has it beside the program; output for any, in a folder for each.
        var portable = Path.Combine("runtimes", $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}", "native");
        return NativeLibrary.TryLoad(Path.Combine(folder, file), out var library)
            || NativeLibrary.TryLoad(Path.Combine(folder, portable, file), out library) ? library : 0;
    }

    // Between two operators, libtorch's threads wait for each other by spinning: for a millisecond, unless they are told
    // otherwise before they start. Where other processes want the processors, an epoch of a small network takes ten times as
    // long for that. Whoever sets one of these variables decides.
    private static void SpinLess()
    {
        string[] variables = ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "KMP_BLOCKTIME"];
        if (OperatingSystem.IsLinux() && variables.All(v => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(v))))
            NativeEnvironment.SetDefault(variables[0], "100");
    }
}

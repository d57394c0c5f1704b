using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;
using TransferKit.Common;

namespace TransferKit.Training;

/// <summary>
/// The exception that is thrown if libtorch does not load: the native package is missing or for another system, or
/// libstdc++ is too old. The message names the cause and the cure.
/// </summary>
public sealed class TorchUnavailableException : TransferKitException
{
    internal TorchUnavailableException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>libtorch, loaded once, with an error that a person can act on where it does not load.</summary>
internal static class TorchRuntime
{
    /// <summary>The environment variable with libtorch's folder, for libraries that are not next to the program.</summary>
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
                + "asks for it and never calls it. Build with -p:TransferKitMendLibTorchSharp=always to change that "
                + "in the copy in the output.";
        }
        if (File.Exists("/etc/alpine-release"))
            return "libtorch does not load: it needs glibc, but Alpine has musl. Use a Debian or Ubuntu image.";
        return $"libtorch does not load on {RuntimeInformation.RuntimeIdentifier}. "
            + "Add the package TorchSharp-cpu to the program's project, or TorchSharp-cuda-linux / TorchSharp-cuda-windows for a GPU, "
            + "in the version of TorchSharp. "
            + $"Alternatively, set {FolderVariable} to the folder of libtorch. ({FirstLine(failure.GetBaseException().Message)})";
    }

    private static string FirstLine(string text) => text.ReplaceLineEndings("\n").Split('\n')[0];

    private static Exception? Load()
    {
        LimitSpinning();
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
        // TorchSharp throws exceptions of many types, such as NotSupported, DllNotFound, TypeInitialization and ExternalException.
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    // The runtime calls this for libraries not found next to the assembly. The system finds their dependencies in their folder.
    private static nint FromFolder(Assembly assembly, string name)
    {
        if (assembly != typeof(torch).Assembly || Environment.GetEnvironmentVariable(FolderVariable) is not { Length: > 0 } folder)
            return 0;
        var (system, file) = OperatingSystem.IsWindows() ? ("win", $"{name}.dll")
            : OperatingSystem.IsMacOS() ? ("osx", $"lib{name}.dylib")
            : ("linux", $"lib{name}.so");
        // Portable builds put native libraries into a folder per system; other builds put them next to the program.
        var architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        var portable = Path.Combine("runtimes", $"{system}-{architecture}", "native");
        return NativeLibrary.TryLoad(Path.Combine(folder, file), out var library)
            || NativeLibrary.TryLoad(Path.Combine(folder, portable, file), out library) ? library : 0;
    }

    // libtorch's threads spin between operators, which slows training of small networks when other processes use the cores.
    // OpenMP reads the limit once, before its threads start. A variable that the user sets takes precedence.
    private static void LimitSpinning()
    {
        string[] variables = ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "KMP_BLOCKTIME"];
        if (OperatingSystem.IsLinux() && variables.All(v => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(v))))
            NativeEnvironment.SetDefault(variables[0], "100");
    }
}

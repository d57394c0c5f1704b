using System.Runtime.InteropServices;
using TorchSharp;
using TransferKit.Common;

namespace TransferKit.Training;

/// <summary>
/// The exception that is thrown if libtorch does not load: the native package is missing or for another system, or
/// libstdc++ is too old. It is also thrown if libtorch has no such device. The message names the cause and the cure.
/// </summary>
public sealed class TorchUnavailableException : TransferKitException
{
    internal TorchUnavailableException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>libtorch, loaded once, with an error that a person can act on where it does not load.</summary>
internal static class TorchRuntime
{
    private const string Version = "GLIBCXX_3.4.32";

    // The value of GOMP_SPINCOUNT: a thread looks for work as often before it sleeps.
    private const string Spins = "100";

    private static readonly Lazy<Exception?> Failure = new(Load);

    public static void Ensure()
    {
        if (Failure.Value is { } failure)
            throw new TorchUnavailableException(Explain(failure), failure);
    }

    /// <summary>Gets a device by libtorch's name for it: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>.</summary>
    /// <exception cref="TorchUnavailableException">libtorch does not load, or has no such device.</exception>
    public static torch.Device DeviceOf(string name)
    {
        Ensure();
        // TorchSharp's own error would be the record of all that it tried.
        return !name.StartsWith("cuda", StringComparison.Ordinal) || torch.cuda.is_available()
            ? torch.device(name)
            : throw new TorchUnavailableException($"libtorch has no device '{name}' here: it is for the CPU, or the driver finds no GPU. "
                + "Add the package TorchSharp-cuda-linux or TorchSharp-cuda-windows in place of TorchSharp-cpu, or name the device cpu.");
    }

    /// <summary>
    /// Turns libtorch's own warnings off, before it loads. On standard error they would break the lines of a progress bar: NNPACK prints
    /// one for each thread on a processor that it does not know.
    /// </summary>
    internal static void SilenceWarnings() => NativeEnvironment.SetDefault("TORCH_CPP_LOG_LEVEL", "ERROR");

    internal static string Explain(Exception failure)
    {
        var why = failure.ToString();
        if (why.Contains(Version, StringComparison.Ordinal))
        {
            return $"libtorch does not load: this system's libstdc++ has no {Version} (it comes with GCC 13.2). TorchSharp's library "
                + "asks for it and never calls it. <TransferKitMendLibTorchSharp>auto</TransferKitMendLibTorchSharp> "
                + "in the project of the program makes each build change that in its copy.";
        }
        if (File.Exists("/etc/alpine-release"))
            return "libtorch does not load: it needs glibc, but Alpine has musl. Use a Debian or Ubuntu image.";
        return $"libtorch does not load on {RuntimeInformation.RuntimeIdentifier}. "
            + "Add the package TorchSharp-cpu to the program's project, or TorchSharp-cuda-linux / TorchSharp-cuda-windows for a GPU, "
            + "in the version of TorchSharp. "
            + $"Alternatively, set {TorchLibraries.FolderVariable} to the folder of libtorch. "
            + $"({Cause(failure.GetBaseException().Message)})";
    }

    // The runtime's first line is a general one; the system's loader says in the last what it misses.
    private static string Cause(string text) => text.ReplaceLineEndings("\n").TrimEnd().Split('\n')[^1];

    private static Exception? Load()
    {
        LimitSpinning();
        try
        {
            TorchLibraries.Load();
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

    // libtorch's threads spin between operators, which slows training of small networks when other processes use the cores.
    // OpenMP reads the limit once, before its threads start. A variable that the user sets takes precedence.
    private static void LimitSpinning()
    {
        string[] variables = ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "KMP_BLOCKTIME"];
        if (OperatingSystem.IsLinux() && variables.All(v => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(v))))
            NativeEnvironment.SetDefault(variables[0], Spins);
    }
}

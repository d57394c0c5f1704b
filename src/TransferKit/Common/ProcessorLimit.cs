using System.Runtime.InteropServices;

namespace TransferKit.Common;

/// <summary>
/// Determines the number of threads for native libraries. Their pools have one thread per processor of the machine. In a container or under
/// an affinity mask, those threads would wait for one another.
/// </summary>
internal static partial class ProcessorLimit
{
    // This is _SC_NPROCESSORS_ONLN of glibc and musl.
    private const int OnlineProcessors = 84;

    /// <summary>Gets the number of processors that this process may use, or null if it may use all of them.</summary>
    public static int? Threads { get; } = OperatingSystem.IsLinux() && Environment.ProcessorCount < GetConfiguration(OnlineProcessors)
        ? Environment.ProcessorCount
        : null;

    [LibraryImport("libc", EntryPoint = "sysconf")]
    private static partial nint GetConfiguration(int name);
}

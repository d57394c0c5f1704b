using System.Runtime.InteropServices;

namespace TransferKit.Common;

/// <summary>
/// How many threads native libraries should compute with. Their own pools are as large as the machine, also where a container or an affinity
/// mask allows this process fewer processors: then the threads wait for one another.
/// </summary>
internal static partial class ProcessorLimit
{
    // _SC_NPROCESSORS_ONLN of glibc and musl.
    private const int OnlineProcessors = 84;

    /// <summary>The processors that this process may use where that is less than the machine has; null where it may use all.</summary>
    public static int? Threads { get; } = OperatingSystem.IsLinux() && Environment.ProcessorCount < GetConfiguration(OnlineProcessors)
        ? Environment.ProcessorCount
        : null;

    [LibraryImport("libc", EntryPoint = "sysconf")]
    private static partial nint GetConfiguration(int name);
}

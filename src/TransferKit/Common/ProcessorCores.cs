using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Common;

/// <summary>
/// Counts the processor's cores. Two processors of a core share its units for floats, so an engine gains little from a thread for each.
/// </summary>
internal static class ProcessorCores
{
    private const int TopologyLeaf = 0xB;

    /// <summary>
    /// Gets the number of cores whose processors this process may use, at most <see cref="Environment.ProcessorCount"/>. Where the
    /// system does not tell which processors share a core, each counts as one.
    /// </summary>
    public static int Count { get; } = CountIn("/sys/devices/system/cpu", "/proc/self/status", Environment.ProcessorCount);

    /// <summary>
    /// Gets whether the processor tells its cores. On Linux, ONNX Runtime asks it, and in a virtual machine that hides the answer it counts
    /// one core for several.
    /// </summary>
    public static bool AreToldByProcessor =>
        !OperatingSystem.IsLinux() || !X86Base.IsSupported
        || X86Base.CpuId(0, 0).Eax >= TopologyLeaf && X86Base.CpuId(TopologyLeaf, 0).Ebx != 0;

    /// <summary>Counts the cores by Linux' files.</summary>
    /// <param name="devices">The folder of the processors.</param>
    /// <param name="status">The file with the processors that the process may use.</param>
    /// <param name="processors">The number of processors that it may use at once.</param>
    public static int CountIn(string devices, string status, int processors)
    {
        try
        {
            return IsShared(devices) ? Math.Clamp(CountShared(devices, status), 1, processors) : processors;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return processors;
        }
    }

    // The file is missing on other systems, and on Linux before 4.19.
    private static bool IsShared(string devices)
    {
        var file = Path.Combine(devices, "smt", "active");
        return File.Exists(file) && File.ReadAllText(file).Trim() == "1";
    }

    private static int CountShared(string devices, string status)
    {
        const string Allowed = "Cpus_allowed_list:";
        var line = File.ReadLines(status).FirstOrDefault(l => l.StartsWith(Allowed, StringComparison.Ordinal)) ?? Allowed;
        var counted = new HashSet<int>();
        var cores = 0;
        foreach (var processor in Numbers(line[Allowed.Length..]))
        {
            if (counted.Contains(processor))
                continue;
            cores++;
            counted.UnionWith(Numbers(File.ReadAllText(Path.Combine(devices, $"cpu{processor}", "topology", "thread_siblings_list"))));
        }
        return cores;
    }

    // Reads a list such as "0-3,8".
    private static IEnumerable<int> Numbers(string list) =>
        from range in list.Split(',')
        let ends = range.Split('-')
        let first = int.Parse(ends[0], CultureInfo.InvariantCulture)
        from number in Enumerable.Range(first, int.Parse(ends[^1], CultureInfo.InvariantCulture) - first + 1)
        select number;
}

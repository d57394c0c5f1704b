using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Xunit.Runner.InProc.SystemConsole;

namespace TransferKit.Tests;

/// <summary>
/// Starts the test program again as a child process that runs one job of a test. Some faults need several processes, or a
/// killed one.
/// </summary>
internal static class ChildProcess
{
    private const string IsChild = "--child";

    /// <summary>Starts a process that runs the job. It exits with 0, or with 1 and the error on its standard error.</summary>
    /// <param name="job">A static method of a test class.</param>
    /// <param name="args">The arguments of the job.</param>
    /// <param name="fileLocks">False for a process to which the file system gives no locks.</param>
    /// <param name="largestFile">In KiB: where a file may not grow further, as on a disk that is full; null for no limit.</param>
    /// <param name="without">A setting of the runtime that is turned off, such as EnableAVX2; null for none.</param>
    /// <param name="temporary">The folder that takes the place of the system's temporary folder; null for that folder.</param>
    /// <param name="processors">How many processors the runtime sees, as in a container with a limit; null for all.</param>
    public static Process Start(
        Func<string[], Task> job, string[] args, bool fileLocks = true, int? largestFile = null, string? without = null,
        int? processors = null, string? temporary = null)
    {
        string[] command =
        [
            "dotnet", "exec", typeof(ChildProcess).Assembly.Location,
            IsChild, job.Method.DeclaringType!.FullName!, job.Method.Name, .. args,
        ];
        if (largestFile is int kib)
        {
            var script = string.Create(CultureInfo.InvariantCulture, $"trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\"");
            command = ["bash", "-c", script, .. command];
        }
        var info = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true };
        if (largestFile is not null)
        {
            // The runtime itself would create files over the limit.
            info.Environment["DOTNET_EnableWriteXorExecute"] = "0";
            info.Environment["DOTNET_EnableDiagnostics"] = "0";
        }
        if (temporary is not null)
            info.Environment[OperatingSystem.IsWindows() ? "TMP" : "TMPDIR"] = temporary;
        if (!fileLocks)
            info.Environment["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1";
        if (without is not null)
            info.Environment["DOTNET_" + without] = "0";
        if (processors is int count)
            info.Environment["DOTNET_PROCESSOR_COUNT"] = count.ToString(CultureInfo.InvariantCulture);
        return Process.Start(info)!;
    }

    public static async Task<int> Main(string[] args)
    {
        if (args is not [IsChild, var type, var method, .. var rest])
            return await ConsoleRunner.Run(args);
        try
        {
            await typeof(ChildProcess).Assembly.GetType(type, throwOnError: true)!
                .GetMethod(method, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!
                .CreateDelegate<Func<string[], Task>>()(rest);
            return 0;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"{e.GetType().Name}: {e.Message}");
            return 1;
        }
    }
}

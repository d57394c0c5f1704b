using System.Diagnostics;
using System.Runtime.CompilerServices;
using TransferKit.WeightSources;

namespace TransferKit.Tests.WeightSources;

/// <summary>
/// The test program itself, started again as a process of its own that fetches one file: for what only several
/// processes, and dying ones, can show.
/// </summary>
internal static class ChildProcess
{
    private const string Variable = "TRANSFERKIT_TEST_FETCH";

    /// <summary>Starts a process that fetches the entry's file into the folder and exits with 0 if that went well.</summary>
    /// <param name="cache">The folder.</param>
    /// <param name="entry">The file.</param>
    /// <param name="fileLocks">False for a process to which the file system gives no locks.</param>
    /// <param name="largestFile">In KiB: where a file may not grow further, as on a disk that is full; null for no limit.</param>
    public static Process Start(string cache, CatalogEntry entry, bool fileLocks = true, int? largestFile = null)
    {
        var program = typeof(ChildProcess).Assembly.Location;
        var info = largestFile is null
            ? new ProcessStartInfo("dotnet", ["exec", program])
            : new ProcessStartInfo("bash", ["-c", $"trap '' XFSZ; ulimit -f {largestFile}; exec dotnet exec \"$0\"", program])
            {
                // What the runtime itself would put into large files.
                Environment = { ["DOTNET_EnableWriteXorExecute"] = "0", ["DOTNET_EnableDiagnostics"] = "0" },
            };
        info.RedirectStandardError = true;
        info.Environment[Variable] = string.Join('|', cache, entry.Url, entry.Hash);
        if (!fileLocks)
            info.Environment["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1";
        return Process.Start(info)!;
    }

#pragma warning disable CA2255 // Has to come before the test runner's own entry.
    [ModuleInitializer]
    internal static void RunIfChild()
#pragma warning restore CA2255
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } task)
            return;
        var parts = task.Split('|');
        try
        {
            // No other thread may need this assembly before it is initialised: so no callbacks into it.
            var entry = new CatalogEntry { File = "weights.h5", Url = new Uri(parts[1]), Algorithm = "sha256", Hash = parts[2] };
            var options = new WeightStoreOptions
            {
                CacheDirectory = parts[0],
                Offline = false,
                RetryDelay = TimeSpan.FromMilliseconds(5),
                BytesBetweenMarks = 1 << 14,
            };
            new WeightStore(options).EnsureAsync(entry, null, null, CancellationToken.None).GetAwaiter().GetResult();
            Environment.Exit(0);
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(e);
            Environment.Exit(1);
        }
    }
}

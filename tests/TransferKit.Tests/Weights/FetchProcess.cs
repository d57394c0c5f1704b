using System.Diagnostics;
using TransferKit.WeightSources;

namespace TransferKit.Tests.WeightSources;

/// <summary>Starts a process that fetches one file into a cache folder.</summary>
internal static class FetchProcess
{
    public static Process Start(string cache, CatalogEntry entry, bool fileLocks = true, int? largestFile = null) =>
        ChildProcess.Start(FetchAsync, [cache, entry.Url.ToString(), entry.Hash!], fileLocks, largestFile);

    private static Task FetchAsync(string[] args)
    {
        var entry = new CatalogEntry { File = "weights.h5", Url = args[1], Algorithm = "sha256", Hash = args[2] };
        var options = new WeightStoreOptions
        {
            CacheDirectory = args[0],
            Offline = false,
            RetryDelay = TimeSpan.FromMilliseconds(5),
            BytesBetweenMarks = 1 << 14,
        };
        return new WeightStore(options).EnsureAsync(entry, null, null, CancellationToken.None);
    }
}

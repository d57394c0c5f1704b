using System.Globalization;
using System.Text;
using TransferKit.Common;
using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Extraction;

/// <summary>
/// Remembers the number of workers that a set was begun with. With another number, some shards would have two workers and others none.
/// </summary>
internal static class WorkerCount
{
    private const int MostBytes = 64;

    /// <exception cref="FeatureSetChangedException">The set was begun with another number of workers.</exception>
    public static void Check(SetFolder set, ShardWorker? worker)
    {
        if (worker is not { } own)
            return;
        var (path, text) = (Path.Combine(set.WorkPath, "workers"), own.Count.ToString(CultureInfo.InvariantCulture));
        if (!File.Exists(path))
            AtomicFile.Write(path, stream => stream.Write(Encoding.ASCII.GetBytes(text)));
        var begun = Encoding.ASCII.GetString(InputFile.ReadAllBytes(path, MostBytes));
        if (begun != text)
            throw new FeatureSetChangedException(set.Path, [$"workers: was {begun}, is {text}"]);
    }
}

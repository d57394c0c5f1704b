using TransferKit.FeatureSets.Storage;
using TransferKit.Imaging;

namespace TransferKit.FeatureSets.Extraction;

/// <summary>Divides files among shards.</summary>
internal static class ShardFiles
{
    /// <summary>Returns the files of each shard in the order of their paths; none for the shards of other workers.</summary>
    /// <param name="files">All files, in the order of their paths.</param>
    /// <param name="shards">The number of shards.</param>
    /// <param name="worker">The worker; null for all shards.</param>
    public static ArraySegment<FolderEntry>[] Of(IReadOnlyList<FolderEntry> files, int shards, ShardWorker? worker)
    {
        var ends = new int[shards];
        var shardOf = new int[files.Count];
        for (var i = 0; i < shardOf.Length; i++)
        {
            var shard = SetLayout.ShardOf(files[i].Path, shards);
            var isOwn = worker is not { } w || shard % w.Count == w.Index;
            shardOf[i] = isOwn ? shard : -1;
            if (isOwn)
                ends[shard]++;
        }
        var next = new int[shards];
        for (var shard = 1; shard < shards; shard++)
            next[shard] = next[shard - 1] + ends[shard - 1];
        var sorted = new FolderEntry[ends.Sum()];
        for (var i = 0; i < shardOf.Length; i++)
        {
            if (shardOf[i] >= 0)
                sorted[next[shardOf[i]]++] = files[i];
        }
        return [.. ends.Select((count, shard) => new ArraySegment<FolderEntry>(sorted, next[shard] - count, count))];
    }
}

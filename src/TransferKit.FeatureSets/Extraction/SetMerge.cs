using TransferKit.Common;
using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Extraction;

/// <summary>Checks that a set is whole: each shard is there, of one stamp, and each file stands once, in its shard and in order.</summary>
internal static class SetMerge
{
    /// <summary>Checks the set and writes <c>_SUCCESS</c>.</summary>
    /// <exception cref="FeatureSetException">A shard is missing, corrupt, of another set, or holds a file that is not its own.</exception>
    public static async Task<SetTotals> RunAsync(SetFolder set, CancellationToken cancellationToken)
    {
        var totals = await CheckAsync(set, cancellationToken).ConfigureAwait(false);
        set.Complete(totals);
        Folders.TryDelete(set.WorkPath);
        return totals;
    }

    /// <summary>Checks the set and returns its totals.</summary>
    public static async Task<SetTotals> CheckAsync(SetFolder set, CancellationToken cancellationToken)
    {
        var totals = new SetTotals(0, 0, 0);
        var missing = Enumerable.Range(0, set.Manifest.Shards).Where(s => !File.Exists(set.ShardPath(s))).ToArray();
        if (missing.Length > 0)
        {
            throw new FeatureSetException(
                set.Path, $"{missing.Length} of {set.Manifest.Shards} shards are missing, "
                + $"the first {SetLayout.Shard(missing[0], set.Manifest.Shards)}. "
                + "The same extract command writes them.");
        }
        for (var shard = 0; shard < set.Manifest.Shards; shard++)
            totals += await CheckShardAsync(set, shard, cancellationToken).ConfigureAwait(false);
        return totals;
    }

    /// <summary>Checks that the set has a row for each picture and for nothing else.</summary>
    public static async Task CompareAsync(SetFolder set, ImageSource pictures, CancellationToken cancellationToken)
    {
        var files = ShardFiles.Divide(pictures.List(except: set.Path), set.Manifest.Shards, worker: null);
        for (var shard = 0; shard < files.Length; shard++)
        {
            var rows = new HashSet<string>(StringComparer.Ordinal);
            var reader = await set.OpenShardAsync(set.ShardPath(shard), cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await foreach (var row in reader.ReadFactsAsync(cancellationToken).ConfigureAwait(false))
                    rows.Add(row.Path);
            }
            foreach (var file in files[shard])
            {
                if (!rows.Remove(file.Path))
                    throw new FeatureSetException(set.Path, $"'{file.Path}' has no row. The same extract command computes it.");
            }
            if (rows.Count > 0)
                throw new FeatureSetException(set.Path, $"'{rows.First()}' is no picture of {pictures} any more. Extract again.");
        }
    }

    private static async Task<SetTotals> CheckShardAsync(SetFolder set, int shard, CancellationToken cancellationToken)
    {
        var path = set.ShardPath(shard);
        var reader = await set.OpenShardAsync(path, cancellationToken).ConfigureAwait(false);
        await using var _ = reader.ConfigureAwait(false);
        var (found, last) = (new SetTotals(0, 0, 0), (string?)null);
        await foreach (var row in reader.ReadFactsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (SetLayout.ShardOf(row.Path, set.Manifest.Shards) != shard)
                throw new FeatureSetException(path, $"'{row.Path}' belongs to another shard. Delete the shard and extract again.");
            if (last is not null && string.CompareOrdinal(last, row.Path) >= 0)
                throw new FeatureSetException(path, $"'{row.Path}' stands twice or out of order. Delete the shard and extract again.");
            last = row.Path;
            found += row.Reason == SkipReason.None ? new SetTotals(1, 1, 0) : new SetTotals(1, 0, 1);
        }
        return found == reader.Totals
            ? found
            : throw new FeatureSetException(path, "the shard states other totals than its rows. Delete it and extract again.");
    }
}

using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Extraction;

/// <summary>Reads the progress of a set from its shards, pieces and claims.</summary>
internal static class SetStatus
{
    public static async Task<IReadOnlyList<ShardStatus>> OfAsync(SetFolder set, CancellationToken cancellationToken)
    {
        var shards = new List<ShardStatus>();
        for (var shard = 0; shard < set.Manifest.Shards; shard++)
        {
            var (isComplete, pieces) = (File.Exists(set.ShardPath(shard)), set.PiecesPath(shard));
            var files = isComplete ? [set.ShardPath(shard)] : Directory.Exists(pieces) ? Directory.GetFiles(pieces, "*.parquet") : [];
            var totals = new SetTotals(0, 0, 0);
            foreach (var file in files)
            {
                await using var reader = await set.OpenShardAsync(file, cancellationToken).ConfigureAwait(false);
                totals += reader.Totals;
            }
            shards.Add(new()
            {
                Shard = shard,
                IsComplete = isComplete,
                Rows = totals.Rows,
                Failures = totals.Failures,
                Owner = ShardClaim.Read(set.ClaimPath(shard)) is { IsDead: false } owner ? owner.ToString() : null,
            });
        }
        return shards;
    }
}

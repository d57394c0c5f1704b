using TransferKit.FeatureSets.Storage;
using TransferKit.Imaging;

namespace TransferKit.FeatureSets.Extraction;

/// <summary>Represents rows of an earlier run that are valid: those of the shard, or of a piece of it.</summary>
/// <param name="File">Path of the Parquet file.</param>
/// <param name="Valid">The paths of the valid rows.</param>
/// <param name="First">The first of the paths in their order.</param>
internal sealed record EarlierRows(string File, HashSet<string> Valid, string First);

/// <summary>Compares the files of a shard with the rows that earlier runs computed.</summary>
internal sealed class ShardPlan
{
    private ShardPlan(IReadOnlyList<FolderEntry> missing, IReadOnlyList<EarlierRows> earlier) => (Missing, Earlier) = (missing, earlier);

    /// <summary>Gets the files to compute, in the order of their paths.</summary>
    public IReadOnlyList<FolderEntry> Missing { get; }

    /// <summary>Gets the rows to take over.</summary>
    public IReadOnlyList<EarlierRows> Earlier { get; }

    /// <summary>Gets whether the shard is complete as it is.</summary>
    public bool IsDone { get; private init; }

    /// <summary>Gets the valid rows and failures of earlier runs.</summary>
    public SetTotals Totals { get; private init; } = new(0, 0, 0);

    /// <summary>Gets the number of valid failures that a retry may mend.</summary>
    public long Retryable { get; private init; }

    public long Added { get; private init; }

    public long Changed { get; private init; }

    public long Vanished { get; private init; }

    /// <param name="set">The set.</param>
    /// <param name="shard">The index of the shard.</param>
    /// <param name="files">The files of the shard, in the order of their paths.</param>
    /// <param name="retryFailed">Whether failures are computed again.</param>
    /// <param name="cancellationToken">Token to cancel reading.</param>
    /// <exception cref="FeatureSetException">The shard is corrupt or was computed with other options.</exception>
    public static async Task<ShardPlan> MakeAsync(
        SetFolder set, int shard, ArraySegment<FolderEntry> files, bool retryFailed, CancellationToken cancellationToken)
    {
        var stamps = new Dictionary<string, FileStamp>(files.Count, StringComparer.Ordinal);
        foreach (var file in files)
            stamps.Add(file.Path, Rounded(file.Stamp));
        var (valid, known, vanished) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal), 0L);
        var (earlier, totals, retryable) = (new List<EarlierRows>(), new SetTotals(0, 0, 0), 0L);
        // Pieces are newer than the shard, so their rows come first.
        foreach (var piece in Pieces(set, shard))
        {
            await foreach (var row in TakeAsync(piece).ConfigureAwait(false))
                known.Add(row.Path);
        }
        var shardExists = File.Exists(set.ShardPath(shard));
        var rowsOfShard = 0L;
        if (shardExists)
        {
            await foreach (var row in TakeAsync(set.ShardPath(shard)).ConfigureAwait(false))
            {
                rowsOfShard++;
                known.Add(row.Path);
                if (!stamps.ContainsKey(row.Path))
                    vanished++;
            }
        }
        var missing = files.Where(f => !valid.Contains(f.Path)).ToArray();
        var changed = missing.LongCount(f => known.Contains(f.Path));
        return new(missing, earlier)
        {
            // A shard with nothing to add may still be older than its pieces.
            IsDone = shardExists && missing.Length == 0 && vanished == 0 && earlier.All(e => e.File == set.ShardPath(shard))
                && rowsOfShard == files.Count,
            Totals = totals,
            Retryable = retryable,
            Added = shardExists ? missing.Length - changed : 0,
            Changed = changed,
            Vanished = vanished,
        };

        async IAsyncEnumerable<RowFact> TakeAsync(string path)
        {
            var (own, first, last) = (new HashSet<string>(StringComparer.Ordinal), (string?)null, "");
            await using var reader = await set.OpenShardAsync(path, cancellationToken).ConfigureAwait(false);
            await foreach (var row in reader.ReadFactsAsync(cancellationToken).ConfigureAwait(false))
            {
                if (first is not null && string.CompareOrdinal(last, row.Path) >= 0)
                    throw new FeatureSetException(path, $"the rows are not in order at '{row.Path}'. Delete the file and extract again.");
                (first, last) = (first ?? row.Path, row.Path);
                var failed = row.Reason != SkipReason.None;
                if (stamps.TryGetValue(row.Path, out var stamp) && stamp == row.Stamp && !(failed && retryFailed) && valid.Add(row.Path))
                {
                    own.Add(row.Path);
                    totals += new SetTotals(1, failed ? 0 : 1, failed ? 1 : 0);
                    retryable += SkipReasons.MayPass(row.Reason) ? 1 : 0;
                }
                yield return row;
            }
            if (own.Count > 0)
                earlier.Add(new(path, own, first!));
        }
    }

    /// <summary>Returns the rows that earlier runs computed, for a merge.</summary>
    public IEnumerable<SortedRows> OpenEarlier(SetFolder set, CancellationToken cancellationToken) =>
        Earlier.Select(e => new SortedRows(e.First, () => RowsOf(set, e, cancellationToken)));

    private static async IAsyncEnumerable<FeatureRow> RowsOf(
        SetFolder set, EarlierRows earlier, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = await set.OpenShardAsync(earlier.File, cancellationToken).ConfigureAwait(false);
        await foreach (var row in reader.ReadAsync(reuseBuffer: true, cancellationToken).ConfigureAwait(false))
        {
            if (earlier.Valid.Contains(row.Path))
                yield return row;
        }
    }

    private static IEnumerable<string> Pieces(SetFolder set, int shard) => Directory.Exists(set.PiecesPath(shard))
        ? Directory.EnumerateFiles(set.PiecesPath(shard), "*.parquet").Order(StringComparer.Ordinal)
        : [];

    private static FileStamp Rounded(FileStamp? stamp) =>
        stamp is { } known ? new(known.Length, RowSchema.Rounded(known.Modified)) : new(0, RowSchema.Rounded(default));
}

using System.Collections;
using TransferKit.FeatureSets.Storage;
using TransferKit.Imaging;

namespace TransferKit.FeatureSets.Extraction;

/// <summary>Represents rows of an earlier run that are valid: those of the shard, or of a piece of it.</summary>
/// <param name="File">Path of the Parquet file.</param>
/// <param name="Valid">Whether the rows of the file are valid, for each file of the shard.</param>
/// <param name="First">The path of the first valid row.</param>
internal sealed record EarlierRows(string File, BitArray Valid, string First);

/// <summary>
/// Compares the files of a shard with the rows that earlier runs computed. Both are in the order of their paths, so that they are compared
/// in one pass, and a bit a file is all that is remembered.
/// </summary>
internal sealed class ShardPlan
{
    private readonly ShardFiles _files;
    private readonly BitArray _valid;

    private ShardPlan(ShardFiles files, BitArray valid, IReadOnlyList<EarlierRows> earlier) =>
        (_files, _valid, Earlier) = (files, valid, earlier);

    /// <summary>Gets the files to compute, in the order of their paths.</summary>
    public IEnumerable<FolderEntry> Missing => _files.Where((_, i) => !_valid[i]);

    /// <summary>Gets the number of files to compute.</summary>
    public int MissingCount { get; private init; }

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
        SetFolder set, int shard, ShardFiles files, bool retryFailed, CancellationToken cancellationToken)
    {
        var (valid, known) = (new BitArray(files.Count), new BitArray(files.Count));
        var (knownFiles, rowsOfShard, vanished) = (0, 0L, 0L);
        var (earlier, totals, retryable) = (new List<EarlierRows>(), new SetTotals(0, 0, 0), 0L);
        // Pieces are newer than the shard, so their rows come first.
        foreach (var piece in Pieces(set, shard))
        {
            if (await IsWholeAsync(set, piece, cancellationToken).ConfigureAwait(false))
                await TakeAsync(piece).ConfigureAwait(false);
        }
        var shardExists = File.Exists(set.ShardPath(shard));
        if (shardExists)
            (rowsOfShard, vanished) = await TakeAsync(set.ShardPath(shard)).ConfigureAwait(false);
        var missing = files.Count - (int)totals.Files;
        var changed = knownFiles - (int)totals.Files;
        return new(files, valid, earlier)
        {
            // A shard with nothing to add may still be older than its pieces.
            IsDone = shardExists && missing == 0 && vanished == 0 && earlier.All(e => e.File == set.ShardPath(shard))
                && rowsOfShard == files.Count,
            MissingCount = missing,
            Totals = totals,
            Retryable = retryable,
            Added = shardExists ? missing - changed : 0,
            Changed = changed,
            Vanished = vanished,
        };

        async Task<(long Rows, long Vanished)> TakeAsync(string path)
        {
            var (own, firstOwn, last) = (new BitArray(files.Count), (string?)null, (string?)null);
            var (cursor, rows, absent) = (new FileCursor(files), 0L, 0L);
            await using var reader = await set.OpenShardAsync(path, cancellationToken).ConfigureAwait(false);
            await foreach (var row in reader.ReadFactsAsync(cancellationToken).ConfigureAwait(false))
            {
                if (last is not null && string.CompareOrdinal(last, row.Path) >= 0)
                    throw new FeatureSetException(path, $"the rows are not in order at '{row.Path}'. Delete the file and extract again.");
                last = row.Path;
                rows++;
                if (cursor.Find(row.Path) is not { } at)
                {
                    absent++;
                    continue;
                }
                knownFiles += known[at] ? 0 : 1;
                known[at] = true;
                var failed = row.Reason != SkipReason.None;
                if (Rounded(files[at].Stamp) == row.Stamp && !(failed && retryFailed) && !valid[at])
                {
                    (valid[at], own[at], firstOwn) = (true, true, firstOwn ?? row.Path);
                    totals += new SetTotals(1, failed ? 0 : 1, failed ? 1 : 0);
                    retryable += SkipReasons.MayPass(row.Reason) ? 1 : 0;
                }
            }
            if (firstOwn is not null)
                earlier.Add(new(path, own, firstOwn));
            return (rows, absent);
        }
    }

    /// <summary>Returns the rows that earlier runs computed, for a merge.</summary>
    public IEnumerable<SortedRows> OpenEarlier(SetFolder set, CancellationToken cancellationToken) =>
        Earlier.Select(e => new SortedRows(e.First, () => RowsOf(set, e, cancellationToken)));

    private async IAsyncEnumerable<FeatureRow> RowsOf(
        SetFolder set, EarlierRows earlier, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursor = new FileCursor(_files);
        await using var reader = await set.OpenShardAsync(earlier.File, cancellationToken).ConfigureAwait(false);
        await foreach (var row in reader.ReadAsync(reuseBuffer: true, cancellationToken).ConfigureAwait(false))
        {
            if (cursor.Find(row.Path) is { } at && earlier.Valid[at])
                yield return row;
        }
    }

    private static IEnumerable<string> Pieces(SetFolder set, int shard) => Directory.Exists(set.PiecesPath(shard))
        ? Directory.EnumerateFiles(set.PiecesPath(shard), "*.parquet").Order(StringComparer.Ordinal)
        : [];

    // A disk that lost what it had confirmed, as some do with their power, leaves pieces that are cut off. Their rows are computed again.
    private static async Task<bool> IsWholeAsync(SetFolder set, string piece, CancellationToken cancellationToken)
    {
        try
        {
            await using var reader = await set.OpenShardAsync(piece, cancellationToken).ConfigureAwait(false);
            await foreach (var _ in reader.ReadFactsAsync(cancellationToken).ConfigureAwait(false))
            {
            }
            return true;
        }
        catch (FeatureSetException)
        {
            return false;
        }
    }

    private static FileStamp Rounded(FileStamp? stamp) =>
        stamp is { } known ? new(known.Length, RowSchema.Rounded(known.Modified)) : new(0, RowSchema.Rounded(default));

    /// <summary>Finds paths among the files. Each path must follow the one before.</summary>
    private sealed class FileCursor(ShardFiles files)
    {
        private int _at;

        public int? Find(string path)
        {
            while (_at < files.Count && string.CompareOrdinal(files[_at].Path, path) < 0)
                _at++;
            return _at < files.Count && files[_at].Path == path ? _at : null;
        }
    }
}

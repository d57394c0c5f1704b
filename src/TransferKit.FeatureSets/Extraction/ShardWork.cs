using System.Diagnostics;
using TransferKit.Common;
using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Extraction;

/// <summary>
/// Writes one shard. Rows go to a temporary file, which is renamed to a piece after a while; an interrupted run loses only the rows since
/// the last piece. The shard is written from all pieces at the end.
/// </summary>
internal sealed class ShardWork : IAsyncDisposable
{
    private readonly SetFolder _set;
    private readonly int _shard;
    private readonly ShardClaim _claim;
    private readonly TimeSpan _pieceTime;
    private readonly List<SortedRows> _pieces = [];
    private RowWriter? _rows;
    private FileStream? _file;
    // Errors of writing name the shard in place of this path: the folder of the pieces, and then a file in it.
    private string _temporary;
    private string _first = "";
    private long _begun;
    private int _added;
    private bool _isBroken;

    public ShardWork(SetFolder set, int shard, ShardPlan plan, ShardClaim claim, TimeSpan pieceTime) =>
        (_set, _shard, Plan, _claim, _pieceTime, _temporary) = (set, shard, plan, claim, pieceTime, set.PiecesPath(shard));

    public ShardPlan Plan { get; }

    /// <summary>Gets whether all missing rows were added.</summary>
    public bool IsFull => _added == Plan.MissingCount;

    /// <summary>Adds the next row.</summary>
    /// <exception cref="OutputFileException">The disk is full, or the folder cannot be written.</exception>
    public Task AddAsync(FeatureRow row, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        if (_rows is null)
            await BeginAsync(row.Path, cancellationToken).ConfigureAwait(false);
        await _rows!.AddAsync(row, cancellationToken).ConfigureAwait(false);
        _added++;
        if (!IsFull && Stopwatch.GetElapsedTime(_begun) > _pieceTime)
            await KeepPieceAsync(cancellationToken).ConfigureAwait(false);
    });

    /// <summary>Writes the shard and removes its pieces.</summary>
    public Task FinishAsync(CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        // Without earlier rows the temporary file is the shard: it has the same rows in the same groups.
        if (_pieces.Count > 0 || Plan.Earlier.Count > 0 || _rows is null)
        {
            if (_rows is not null)
                await KeepPieceAsync(cancellationToken).ConfigureAwait(false);
            await MergeAsync(cancellationToken).ConfigureAwait(false);
        }
        await CloseAsync(cancellationToken).ConfigureAwait(false);
        _set.Reopen();
        File.Move(_temporary, _set.ShardPath(_shard), overwrite: true);
        // After a power loss the pieces must not be gone while the shard has no name.
        Folders.Flush(_set.Path);
        Folders.TryDelete(_set.PiecesPath(_shard));
    });

    /// <summary>Keeps the rows of an interrupted run, unless they could not be written.</summary>
    public Task SaveAsync() => _rows is null || _isBroken
        ? Task.CompletedTask
        : GuardAsync(() => KeepPieceAsync(CancellationToken.None));

    /// <summary>Removes the temporary file and gives the claim back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_file is not null)
        {
            try
            {
                await _file.DisposeAsync().ConfigureAwait(false);
                File.Delete(_temporary);
            }
            catch (Exception e) when (OutputFileException.IsOfWriting(e))
            {
                // Disposal flushes rows to the disk, which may be full. An earlier write has reported that.
            }
        }
        _claim.Dispose();
    }

    private async Task GuardAsync(Func<Task> write)
    {
        try
        {
            await write().ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && File.Exists(_set.ShardPath(_shard)))
        {
            // Another worker took this one for dead, and has written the same shard.
            _isBroken = true;
        }
        catch (Exception e) when (OutputFileException.IsOfWriting(e))
        {
            _isBroken = true;
            throw OutputFileException.Of(_set.ShardPath(_shard), e, _temporary);
        }
    }

    private async Task BeginAsync(string first, CancellationToken cancellationToken)
    {
        (_first, _begun) = (first, Stopwatch.GetTimestamp());
        Directory.CreateDirectory(_set.PiecesPath(_shard));
        _temporary = Path.Combine(_set.PiecesPath(_shard), $"{Guid.NewGuid():N}.tmp");
        _file = new(_temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1 << 16);
        _rows = await RowWriter.CreateAsync(_file, _set.Manifest.Shape, _set.Stamp, cancellationToken).ConfigureAwait(false);
    }

    private async Task CloseAsync(CancellationToken cancellationToken)
    {
        await _rows!.CompleteAsync(cancellationToken).ConfigureAwait(false);
        _file!.Flush(flushToDisk: true);
        await _file.DisposeAsync().ConfigureAwait(false);
        (_rows, _file) = (null, null);
    }

    private async Task KeepPieceAsync(CancellationToken cancellationToken)
    {
        await CloseAsync(cancellationToken).ConfigureAwait(false);
        var piece = Path.ChangeExtension(_temporary, ".parquet");
        File.Move(_temporary, piece);
        Folders.Flush(_set.PiecesPath(_shard));
        _pieces.Add(new(_first, () => RowsOfAsync(piece, cancellationToken)));
    }

    private async IAsyncEnumerable<FeatureRow> RowsOfAsync(
        string piece, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = await _set.OpenShardAsync(piece, cancellationToken).ConfigureAwait(false);
        await foreach (var row in reader.ReadAsync(reuseBuffer: true, cancellationToken).ConfigureAwait(false))
            yield return row;
    }

    private async Task MergeAsync(CancellationToken cancellationToken)
    {
        await BeginAsync("", cancellationToken).ConfigureAwait(false);
        var sources = Plan.OpenEarlier(_set, cancellationToken).Concat(_pieces);
        await foreach (var row in RowMerge.MergeAsync(sources, cancellationToken).ConfigureAwait(false))
            await _rows!.AddAsync(row, cancellationToken).ConfigureAwait(false);
    }
}

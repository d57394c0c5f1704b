using System.Runtime.CompilerServices;
using TransferKit.FeatureSets.Storage;
using TransferKit.Imaging;

namespace TransferKit.FeatureSets.Extraction;

/// <summary>
/// Extracts a source into a set. The missing files of all shards are one sequence, so that batches cross the ends of shards and the engine
/// never waits for one.
/// </summary>
internal sealed class SetExtraction
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);

    private readonly FeatureExtractor _extractor;
    private readonly ImageSource _source;
    private readonly SetFolder _set;
    private readonly FeatureSetOptions _options;
    private readonly IProgress<ExtractionProgress>? _progress;
    private readonly ShardFiles[] _files;
    private readonly ClaimWatch _watch = new();
    private readonly Queue<ShardWork> _begun = new();
    private readonly Lock _gate = new();
    private readonly List<FeatureRow> _skipped = [];
    private readonly long _total;
    private FeatureSetReport _report = new();

    /// <param name="extractor">The extractor, whose rows carry the details of their files.</param>
    /// <param name="source">The source.</param>
    /// <param name="files">All files of the source.</param>
    /// <param name="set">The set.</param>
    /// <param name="options">The options.</param>
    /// <param name="progress">Progress reporter; optional.</param>
    public SetExtraction(
        FeatureExtractor extractor, ImageSource source, IReadOnlyList<FolderEntry> files, SetFolder set, FeatureSetOptions options,
        IProgress<ExtractionProgress>? progress)
    {
        (_extractor, _source, _set, _options, _progress) = (extractor, source, set, options, progress);
        _files = ShardFiles.Divide(files, set.Manifest.Shards, options.Worker);
        _total = _files.Sum(f => (long)f.Count);
    }

    public async Task<FeatureSetReport> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var count = (int)Math.Max(1, _total);
            var rows = _extractor.RowsAsync(_source, FeedAsync(cancellationToken), count, reuseBuffer: true, null, cancellationToken);
            await foreach (var row in rows.ConfigureAwait(false))
                await AddAsync(row, cancellationToken).ConfigureAwait(false);
            return _report with { Skipped = _skipped };
        }
        catch
        {
            foreach (var work in _begun)
                await KeepAsync(work).ConfigureAwait(false);
            throw;
        }
    }

    // What ended the run may also prevent this, such as a full disk. The caller learns of the first error.
    private static async Task KeepAsync(ShardWork work)
    {
        await using (work.ConfigureAwait(false))
        {
            try
            {
                await work.SaveAsync().ConfigureAwait(false);
            }
            catch (OutputFileException)
            {
            }
        }
    }

    private async Task AddAsync(FeatureRow row, CancellationToken cancellationToken)
    {
        ShardWork work;
        lock (_gate)
            work = _begun.Peek();
        if (row.IsSkipped)
            _skipped.Add(row);
        await work.AddAsync(row.IsSkipped ? WithRelativeMessage(row) : row, cancellationToken).ConfigureAwait(false);
        if (work.IsFull)
        {
            await FinishAsync(work, cancellationToken).ConfigureAwait(false);
            lock (_gate)
                _begun.Dequeue();
        }
        Count(new(1, row.IsSkipped ? 0 : 1, row.IsSkipped ? 1 : 0), SkipReasons.MayPass(row.Reason) ? 1 : 0, computed: 1);
    }

    private static async Task FinishAsync(ShardWork work, CancellationToken cancellationToken)
    {
        await using (work.ConfigureAwait(false))
            await work.FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    // A message names the path as the caller wrote the folder, but a set has the same bytes wherever the folder is.
    private FeatureRow WithRelativeMessage(FeatureRow row)
    {
        var path = Path.Combine(_source.Name, row.Path);
        var message = row.Error!.Message
            .Replace(Path.GetFullPath(path), row.Path, StringComparison.Ordinal)
            .Replace(path, row.Path, StringComparison.Ordinal);
        return FeatureRow.Skipped(row.Path, new RecordedErrorException(row.Reason, message), row.File);
    }

    /// <summary>
    /// Claims shards and yields their missing files. Null means that the next files may take long to come: those of other workers.
    /// </summary>
    private async IAsyncEnumerable<FolderEntry?> FeedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var open = Enumerable.Range(0, _files.Length).Where(s => _options.Worker is not { } worker || s % worker.Count == worker.Index);
        for (var left = new Queue<int>(open); left.Count > 0;)
        {
            var busy = new Queue<int>();
            while (left.TryDequeue(out var shard))
            {
                var (work, isBusy) = await BeginAsync(shard, cancellationToken).ConfigureAwait(false);
                if (isBusy)
                    busy.Enqueue(shard);
                if (work is null)
                    continue;
                foreach (var file in work.Plan.Missing)
                    yield return file;
            }
            left = busy;
            if (left.Count > 0)
            {
                yield return null;
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // Returns the work of a shard with missing files. A shard with none is finished here.
    private async Task<(ShardWork? Work, bool IsBusy)> BeginAsync(int shard, CancellationToken cancellationToken)
    {
        var plan = await PlanAsync(shard, cancellationToken).ConfigureAwait(false);
        if (plan.IsDone)
        {
            Count(plan.Totals, plan.Retryable, computed: 0);
            return (null, false);
        }
        if (await ClaimAsync(shard, cancellationToken).ConfigureAwait(false) is not { } claim)
            return (null, true);
        ShardWork? work = null;
        try
        {
            // Another process may have finished the shard between the plan and the claim.
            plan = await PlanAsync(shard, cancellationToken).ConfigureAwait(false);
            work = new(_set, shard, plan, claim, _options.PieceTime);
        }
        finally
        {
            if (work is null)
                claim.Dispose();
        }
        Count(plan.Totals, plan.Retryable, computed: 0);
        lock (_gate)
        {
            _report = _report with
            {
                Added = _report.Added + plan.Added,
                Changed = _report.Changed + plan.Changed,
                Vanished = _report.Vanished + plan.Vanished,
            };
            if (plan.MissingCount > 0)
                _begun.Enqueue(work);
        }
        if (plan.MissingCount > 0)
            return (work, false);
        if (plan.IsDone)
            await work.DisposeAsync().ConfigureAwait(false);
        else
            await FinishAsync(work, cancellationToken).ConfigureAwait(false);
        return (null, false);
    }

    private Task<ShardPlan> PlanAsync(int shard, CancellationToken cancellationToken) =>
        ShardPlan.MakeAsync(_set, shard, _files[shard], _options.RetryFailed, cancellationToken);

    // Returns null if another worker has the claim and workers share the shards. An owner on another machine is watched for a while.
    private async Task<ShardClaim?> ClaimAsync(int shard, CancellationToken cancellationToken)
    {
        for (ClaimOwner? first = null; ;)
        {
            var claim = OutputFileException.Wrapping(_set.Path, () =>
                (ShardClaim.TryTake(_set.ClaimPath(shard), _watch, _options.ClaimExpiry, out var owner), owner), _set.ClaimPath(shard));
            if (claim.Item1 is not null || _options.Claim)
                return claim.Item1;
            if (claim.owner is { } other && (other.IsHere || (first is not null && first != other)))
                throw new FeatureSetBusyException(_set.ShardPath(shard), other.ToString());
            first = claim.owner;
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Count(SetTotals totals, long retryable, long computed)
    {
        lock (_gate)
        {
            _report = _report with
            {
                Rows = _report.Rows + totals.Rows,
                Failures = _report.Failures + totals.Failures,
                Retryable = _report.Retryable + retryable,
                Computed = _report.Computed + computed,
            };
            _progress?.Report(new((int)_total, (int)_report.Rows, (int)_report.Failures));
        }
    }
}

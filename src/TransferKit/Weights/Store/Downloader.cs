using System.Net;
using TransferKit.WeightSources.Files;

namespace TransferKit.WeightSources.Store;

/// <summary>Brings one file into the cache: goes through its addresses in order, patiently. Its lock is held.</summary>
internal sealed class Downloader(
    CatalogEntry entry, CachePaths paths, CacheLock held, HttpClient http, WeightStoreOptions options, Action<WeightFile>? fits, ProgressTeller tell)
{
    private readonly WeightFetcher _fetcher = new(http, options, entry, tell);
    private readonly List<(string Address, int Tries, string Failure)> _failures = [];
    private HttpStatusCode? _status;

    /// <param name="addresses">Where the file may be found; not empty.</param>
    /// <param name="limit">Ends it, also when the time for all tries is over; what has arrived stays.</param>
    /// <param name="cancellationToken">The caller's own part of <paramref name="limit"/>.</param>
    /// <exception cref="WeightsDownloadException">No address gave the right file in time.</exception>
    public async Task<VerifiedNote> DownloadAsync(
        IEnumerable<WeightAddress> addresses, CancellationToken limit, CancellationToken cancellationToken)
    {
        Exception? last = null;
        foreach (var address in addresses)
        {
            var at = new Patience();
            try
            {
                return await RepeatAsync(address, at, limit).ConfigureAwait(false);
            }
            catch (TryFailedException e)
            {
                last = e;
                GiveUp(address, at, e.Message);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                last = (Exception?)at.Last ?? e;
                GiveUp(address, at, $"{(at.Last is null ? "" : at.Last.Message + "; ")}not done within {options.Timeout}");
                break;
            }
        }
        throw new WeightsDownloadException(entry, paths.Target, _failures, _failures.Sum(f => f.Tries), _status, last);
    }

    private void GiveUp(WeightAddress address, Patience at, string reason)
    {
        _failures.Add((address.Text, at.Tries, reason));
        tell.Log.AddressGivenUp(entry.File, address.Text, at.Tries, reason);
    }

    private async Task<VerifiedNote> RepeatAsync(WeightAddress address, Patience at, CancellationToken limit)
    {
        while (true)
        {
            try
            {
                at.Tries++;
                var note = await TryAsync(address, limit).ConfigureAwait(false);
                tell.Log.Downloaded(entry.File, address.Text, at.Tries, note.Size);
                return note;
            }
            catch (TryFailedException e)
            {
                at.Last = e;
                _status = e.Status ?? _status;
                var length = PartialFile.Peek(paths).Length;
                at.InVain = length > at.Farthest ? 1 : at.InVain + 1;
                at.Farthest = Math.Max(at.Farthest, length);
                // One that is wrong to the end is downloaded again once.
                if (e.InnerException is VerificationException ? ++at.Wrong == 2 : !e.WorthRepeating || at.InVain >= options.MaxTries)
                    throw;
            }
            var pause = Pause(at.InVain, at.Last.RetryAfter);
            tell.Log.TryFailed(entry.File, address.Text, at.Tries, at.Last.Message, pause);
            tell.Tell(WeightDownloadState.Retrying, at.Farthest, message: $"{address}: {at.Last.Message}; again in {pause.TotalSeconds:F1} s");
            await Task.Delay(pause, limit).ConfigureAwait(false);
        }
    }

    private async Task<VerifiedNote> TryAsync(WeightAddress address, CancellationToken limit)
    {
        Confirm();
        string? hash;
        using (var part = PartialFile.Open(paths, options.BytesBetweenMarks, entry.HashKind))
        {
            tell.Log.TryStarted(entry.File, address.Text, part.Length);
            try
            {
                await _fetcher.FetchAsync(address, part, limit).ConfigureAwait(false);
            }
            finally
            {
                if (part.Length > 0)
                    part.Mark();
            }
            // Where others may have written into the file, too, it is read again.
            hash = held.IsCertain ? part.Hash : null;
        }
        tell.Tell(WeightDownloadState.Verifying);
        VerifiedNote note;
        try
        {
            Confirm();
            note = Verification.Verify(entry, paths.Part, paths.Sidecar, fits, limit, hash);
            Confirm();
        }
        catch (VerificationException e)
        {
            Confirm();
            PartialFile.SetAside(paths);
            tell.Log.SetAside(entry.File, paths.Rejected, e.Message);
            tell.Tell(WeightDownloadState.SetAside, message: $"what came from {address} was set aside as {paths.Rejected}: {e.Message}");
            throw new TryFailedException($"what came is not the file: {e.Message}", worthRepeating: true, e);
        }
        PartialFile.Finish(paths);
        return note;
    }

    // What is there is another's now; to verify or move it would be to disturb that one.
    private void Confirm()
    {
        if (!held.IsOwn)
            throw new OvertakenException();
    }

    // Exponential, with half of it left to chance so that many clients do not come back in step.
    private TimeSpan Pause(int failures, TimeSpan? retryAfter)
    {
        var pause = retryAfter ?? options.RetryDelay * Math.Pow(2, failures - 1) * (1 - Random.Shared.NextDouble() / 2);
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause > options.MaxRetryDelay ? options.MaxRetryDelay : pause;
    }

    /// <summary>How it stands with one address.</summary>
    private sealed class Patience
    {
        public int Tries { get; set; }

        /// <summary>Tries in a row that brought no more than those before: only these are counted against the limit.</summary>
        public int InVain { get; set; }
        public long Farthest { get; set; }
        public int Wrong { get; set; }
        public TryFailedException? Last { get; set; }
    }
}

/// <summary>Another took the lock, on a folder without locks of the system's. Never leaves the store.</summary>
internal sealed class OvertakenException : Exception;

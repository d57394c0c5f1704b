using System.Net;
using TransferKit.WeightSources.Files;

namespace TransferKit.WeightSources.Store;

/// <summary>Downloads one file into the cache, trying its addresses in order. The caller holds the file's lock.</summary>
internal sealed class Downloader(
    CatalogEntry entry, CachePaths paths, CacheLock held, HttpClient http, WeightStoreOptions options, Action<WeightFile>? fits,
    ProgressReporter reporter)
{
    private readonly WeightFetcher _fetcher = new(http, options, entry, reporter);
    private readonly List<(string Address, int Tries, string Failure)> _failures = [];
    private HttpStatusCode? _status;

    /// <param name="addresses">The addresses of the file; not empty.</param>
    /// <param name="limit">The token that is also canceled by the overall timeout. Received bytes stay.</param>
    /// <param name="cancellationToken">The caller's own token, a part of <paramref name="limit"/>.</param>
    /// <exception cref="WeightsDownloadException">No address returned the correct file in time.</exception>
    public async Task<VerifiedNote> DownloadAsync(
        IEnumerable<WeightAddress> addresses, CancellationToken limit, CancellationToken cancellationToken)
    {
        Exception? last = null;
        foreach (var address in addresses)
        {
            var attempts = new Attempts();
            try
            {
                return await RepeatAsync(address, attempts, limit).ConfigureAwait(false);
            }
            catch (AttemptFailedException e)
            {
                last = e;
                GiveUp(address, attempts, e.Message);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                last = (Exception?)attempts.Last ?? e;
                var lastFailure = attempts.Last is null ? "" : attempts.Last.Message + "; ";
                GiveUp(address, attempts, $"{lastFailure}not completed within {options.Timeout}");
                break;
            }
        }
        throw new WeightsDownloadException(entry, paths.Target, _failures, _failures.Sum(f => f.Tries), _status, last);
    }

    private void GiveUp(WeightAddress address, Attempts attempts, string reason)
    {
        _failures.Add((address.Text, attempts.Tries, reason));
        reporter.Log.AddressGivenUp(entry.File, address.Text, attempts.Tries, reason);
    }

    private async Task<VerifiedNote> RepeatAsync(WeightAddress address, Attempts attempts, CancellationToken limit)
    {
        while (true)
        {
            try
            {
                attempts.Tries++;
                var note = await TryAsync(address, limit).ConfigureAwait(false);
                reporter.Log.Downloaded(entry.File, address.Text, attempts.Tries, note.Size);
                return note;
            }
            catch (AttemptFailedException e)
            {
                attempts.Last = e;
                _status = e.Status ?? _status;
                var length = PartialFile.Peek(paths).Length;
                attempts.WithoutProgress = length > attempts.Farthest ? 1 : attempts.WithoutProgress + 1;
                attempts.Farthest = Math.Max(attempts.Farthest, length);
                // A complete file that fails its check is downloaded once more.
                if (e.InnerException is VerificationException
                    ? ++attempts.Wrong == 2
                    : !e.WorthRepeating || attempts.WithoutProgress >= MaxTries(e))
                {
                    throw;
                }
            }
            var pause = RetryPause.After(attempts.WithoutProgress, attempts.Last.RetryAfter, options, Random.Shared);
            reporter.Log.TryFailed(entry.File, address.Text, attempts.Tries, attempts.Last.Message, pause);
            reporter.Report(WeightDownloadState.Retrying, attempts.Farthest,
                message: $"{address}: {attempts.Last.Message}; retrying in {pause.TotalSeconds:F1} s");
            await Task.Delay(pause, limit).ConfigureAwait(false);
        }
    }

    private async Task<VerifiedNote> TryAsync(WeightAddress address, CancellationToken limit)
    {
        Confirm();
        string? hash;
        using (var part = PartialFile.Open(paths, options.BytesBetweenMarks, entry.HashKind))
        {
            reporter.Log.TryStarted(entry.File, address.Text, part.Length);
            try
            {
                await _fetcher.FetchAsync(address, part, limit).ConfigureAwait(false);
            }
            finally
            {
                if (part.Length > 0)
                    part.Mark();
            }
            // Without a system lock another process may have written to the file, so it is read back.
            hash = held.IsCertain ? part.Hash : null;
        }
        reporter.Report(WeightDownloadState.Verifying);
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
            PartialFile.Reject(paths);
            reporter.Log.Rejected(entry.File, paths.Rejected, e.Message);
            reporter.Report(WeightDownloadState.Rejected, message: $"the file from {address} was moved to {paths.Rejected}: {e.Message}");
            throw new AttemptFailedException($"the downloaded file is wrong: {e.Message}", worthRepeating: true, e);
        }
        PartialFile.Finish(paths);
        return note;
    }

    // After a takeover the partial file belongs to another process, and must not be verified or moved here.
    private void Confirm()
    {
        if (!held.IsOwn)
            throw new OvertakenException();
    }

    // A user without a network should not wait for the whole backoff before the message.
    private int MaxTries(AttemptFailedException e) => e.IsUnknownHost ? Math.Min(options.MaxTries, 2) : options.MaxTries;

    /// <summary>Counts the attempts at one address.</summary>
    private sealed class Attempts
    {
        public int Tries { get; set; }

        /// <summary>Gets or sets the consecutive attempts that received no new bytes. Only these count towards the limit.</summary>
        public int WithoutProgress { get; set; }
        public long Farthest { get; set; }
        public int Wrong { get; set; }
        public AttemptFailedException? Last { get; set; }
    }
}

/// <summary>Thrown when another process took over the lock in a folder without system locks. It is caught inside the store.</summary>
internal sealed class OvertakenException : Exception;

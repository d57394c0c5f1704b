using System.Net;

namespace TransferKit.WeightSources;

/// <summary>Goes through a file's addresses in order, patiently, until a verified file is in place.</summary>
internal sealed class Downloader(HttpClient http, WeightStoreOptions options)
{
    /// <param name="entry">The file.</param>
    /// <param name="paths">Where it goes; its lock is held.</param>
    /// <param name="addresses">Where it may be found; not empty.</param>
    /// <param name="fits">See <see cref="Verification.Verify"/>.</param>
    /// <param name="tell">Told of everything.</param>
    /// <param name="cancellationToken">Ends it; what has arrived stays.</param>
    public async Task<VerifiedNote> DownloadAsync(
        CatalogEntry entry, CachePaths paths, IReadOnlyList<WeightAddress> addresses, Action<WeightFile>? fits, ProgressTeller tell,
        CancellationToken cancellationToken)
    {
        var fetcher = new WeightFetcher(http, options, entry, tell);
        var failures = new List<(string Address, int Tries, string Failure)>();
        TryFailedException? last = null;
        HttpStatusCode? status = null;
        foreach (var address in addresses)
        {
            // A try that brought more than any before it shows that patience pays; only those that did not are counted.
            var (tries, inVain, wrong, farthest) = (0, 0, 0, 0L);
            while (true)
            {
                tries++;
                try
                {
                    return await TryAsync(entry, paths, address, fetcher, fits, tell, cancellationToken).ConfigureAwait(false);
                }
                catch (TryFailedException e)
                {
                    last = e;
                    status = e.Status ?? status;
                    var length = PartialFile.Peek(paths).Length;
                    inVain = length > farthest ? 1 : inVain + 1;
                    farthest = Math.Max(farthest, length);
                    // One that is wrong to the end is downloaded again once.
                    var repeat = e.InnerException is VerificationException ? ++wrong < 2 : e.WorthRepeating && inVain < options.MaxTries;
                    if (!repeat)
                    {
                        failures.Add((address.Text, tries, e.Message));
                        break;
                    }
                    var pause = Pause(inVain, e.RetryAfter);
                    tell.Tell(WeightDownloadState.Retrying, length, message: $"{address}: {e.Message}; again in {pause.TotalSeconds:F1} s");
                    await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        throw new WeightsDownloadException(entry, paths.Target, failures, failures.Sum(f => f.Tries), status, last);
    }

    private async Task<VerifiedNote> TryAsync(
        CatalogEntry entry, CachePaths paths, WeightAddress address, WeightFetcher fetcher, Action<WeightFile>? fits, ProgressTeller tell,
        CancellationToken cancellationToken)
    {
        using (var part = PartialFile.Open(paths, options.BytesBetweenMarks))
        {
            try
            {
                await fetcher.FetchAsync(address, part, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                if (part.Length > 0)
                    part.Mark();
            }
        }
        tell.Tell(WeightDownloadState.Verifying);
        VerifiedNote note;
        try
        {
            note = Verification.Verify(entry, paths.Part, paths.Sidecar, fits);
        }
        catch (VerificationException e)
        {
            PartialFile.SetAside(paths);
            tell.Tell(WeightDownloadState.SetAside, message: $"what came from {address} was set aside as {paths.Rejected}: {e.Message}");
            throw new TryFailedException($"what came is not the file: {e.Message}", worthRepeating: true, e);
        }
        PartialFile.Finish(paths);
        return note;
    }

    // Exponential, with half of it left to chance so that many clients do not come back in step.
    private TimeSpan Pause(int failures, TimeSpan? retryAfter)
    {
        var pause = retryAfter ?? options.RetryDelay * Math.Pow(2, failures - 1) * (1 - Random.Shared.NextDouble() / 2);
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause > options.MaxRetryDelay ? options.MaxRetryDelay : pause;
    }
}

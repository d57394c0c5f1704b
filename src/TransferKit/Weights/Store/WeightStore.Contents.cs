using TransferKit.WeightSources;
using TransferKit.WeightSources.Store;

namespace TransferKit;

// What lies in a store's folders: looked at, verified, removed.
public sealed partial class WeightStore
{
    /// <summary>Where a weight file is in the cache, or would be.</summary>
    /// <param name="application">Keras' model name or the file's, as <see cref="FetchAsync"/> takes it.</param>
    /// <param name="includeTop">Whether the weights with the classifying layers are meant; Keras' default is true.</param>
    /// <returns>The path, whether or not anything is there.</returns>
    /// <exception cref="ArgumentException">Keras publishes no such weights.</exception>
    public string PathOf(string application, bool includeTop = true) => PathsOf(Published(application, includeTop)).Target;

    /// <summary>
    /// Keras' weight files in the cache, and those in <see cref="WeightStoreOptions.ReadOnlyCaches"/> that are not in it;
    /// by name. Nothing is read but notes, sizes and times.
    /// </summary>
    public IReadOnlyList<CachedWeights> List() => [.. Cached().Select(c => Look(c.Entry, c.Paths, c.Sidecar))];

    /// <summary>
    /// Reads every weight file of the cache and of <see cref="WeightStoreOptions.ReadOnlyCaches"/> and every compiled model of the
    /// cache, and compares the hashes, whatever is remembered of them. None is changed or moved: a weight file that is wrong is set
    /// aside when it is next asked for, a compiled model is compiled again.
    /// </summary>
    /// <param name="progress">Told of each file that is begun.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>
    /// Every weight file that is there, then every compiled model: <see cref="CachedWeightsState.Verified"/>,
    /// <see cref="CachedWeightsState.Wrong"/>, or <see cref="CachedWeightsState.Unverified"/> where no hash is known.
    /// </returns>
    public Task<IReadOnlyList<CachedWeights>> VerifyAsync(
        IProgress<WeightDownloadProgress>? progress = null, CancellationToken cancellationToken = default) => Task.Run(() =>
    {
        var seen = new List<CachedWeights>();
        foreach (var (entry, paths, sidecar) in Cached().Where(c => CachePaths.IsTaken(c.Paths.Target)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var problem = default(string);
            try
            {
                Verified(entry, paths.Target, sidecar, fits: null, new ProgressTeller(entry.File, progress, _log), cancellationToken);
            }
            catch (VerificationException e)
            {
                problem = e.Message;
                Verification.Forget(sidecar);
            }
            seen.Add(Look(entry, paths, sidecar, problem));
        }
        seen.AddRange(VerifyCompiledModels(cancellationToken));
        return (IReadOnlyList<CachedWeights>)seen;
    }, cancellationToken);

    /// <summary>
    /// Removes a weight file from the cache, and with it what arrived of it, what was set aside and what was noted. A
    /// download of it that is under way is waited for. Read-only caches stay as they are.
    /// </summary>
    /// <param name="application">Keras' model name or the file's, as <see cref="FetchAsync"/> takes it.</param>
    /// <param name="includeTop">Whether the weights with the classifying layers are meant; Keras' default is true.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether anything was there.</returns>
    /// <exception cref="ArgumentException">Keras publishes no such weights.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public async Task<bool> RemoveAsync(string application, bool includeTop = true, CancellationToken cancellationToken = default)
    {
        var entry = Published(application, includeTop);
        var paths = PathsOf(entry);
        if (!Directory.Exists(paths.Folder))
            return false;
        using var held = await CacheLock.AcquireAsync(paths.Lock, _options.LockExpiry, () => { }, cancellationToken).ConfigureAwait(false);
        string[] noted = [paths.PartState, .. Directory.GetFiles(paths.Folder, $"{entry.File}*.verified.json")];
        var found = false;
        foreach (var path in noted.Concat([paths.Part, paths.Rejected, paths.Target]).Where(CachePaths.IsTaken))
        {
            found = true;
            CachePaths.Delete(path);
        }
        if (found)
            _log.Removed(entry.File);
        return found;
    }

    // The files of which anything is there; in the cache first, else in the first of the others that has it.
    private IEnumerable<(CatalogEntry Entry, CachePaths Paths, string Sidecar)> Cached()
    {
        foreach (var entry in WeightCatalog.Files.Values.OrderBy(e => e.File, StringComparer.Ordinal))
        {
            var own = PathsOf(entry);
            if (CachePaths.IsTaken(own.Target))
                yield return (entry, own, own.Sidecar);
            else if (_options.ReadOnlyCaches.Select(f => new CachePaths(f, entry.File)).FirstOrDefault(p => File.Exists(p.Target)) is { } shared)
                yield return (entry, shared, Verification.Remembered(entry, shared.Target, shared.Sidecar) is null ? SidecarOf(own, shared) : shared.Sidecar);
            else if (File.Exists(own.Part) || CachePaths.IsTaken(own.Rejected))
                yield return (entry, own, own.Sidecar);
        }
    }

    private static CachedWeights Look(CatalogEntry entry, CachePaths paths, string sidecar, string? problem = null)
    {
        var (taken, file) = (CachePaths.IsTaken(paths.Target), File.Exists(paths.Target));
        if (taken && !file)
            problem ??= "it is no file";
        return new()
        {
            File = entry.File,
            Path = paths.Target,
            Hash = entry.HashText,
            Problem = problem,
            RejectedPath = CachePaths.IsTaken(paths.Rejected) ? paths.Rejected : null,
            Size = !taken ? PartialFile.Peek(paths).Length : file ? new FileInfo(paths.Target).Length : 0,
            State = !taken ? (File.Exists(paths.Part) ? CachedWeightsState.Partial : CachedWeightsState.Rejected)
                : problem is not null ? CachedWeightsState.Wrong
                : entry.Hash is null || Verification.Remembered(entry, paths.Target, sidecar) is null ? CachedWeightsState.Unverified
                : CachedWeightsState.Verified,
        };
    }
}

using TransferKit.WeightSources;
using TransferKit.WeightSources.Store;

namespace TransferKit;

// This part lists, verifies and removes what the store's folders hold.
public sealed partial class WeightStore
{
    /// <summary>Gets the path of a weight file in the cache.</summary>
    /// <param name="application">Keras' model name or the file's name, as in <see cref="FetchAsync"/>.</param>
    /// <param name="includeTop">Whether the weights include the classifying layers. Defaults to true.</param>
    /// <returns>The path, even if the file does not exist.</returns>
    /// <exception cref="ArgumentException">Keras publishes no such weights.</exception>
    public string PathOf(string application, bool includeTop = true) => PathsOf(Published(application, includeTop)).Target;

    /// <summary>
    /// Lists Keras' weight files in the cache and in <see cref="WeightStoreOptions.ReadOnlyCaches"/>, by name. A file in the cache hides
    /// files of the same name elsewhere. Only notes, sizes and times are read.
    /// </summary>
    public IReadOnlyList<CachedWeights> List() => [.. Cached().Select(c => Look(c.Entry, c.Paths, c.Sidecar))];

    /// <summary>
    /// Reads every weight file of the cache and of <see cref="WeightStoreOptions.ReadOnlyCaches"/> and every compiled model, and compares
    /// their hashes. Earlier results are ignored. No file is changed: the next use replaces a wrong weight file and rebuilds a wrong
    /// compiled model.
    /// </summary>
    /// <param name="progress">Progress reporter for each file; optional.</param>
    /// <param name="cancellationToken">The token to cancel reading.</param>
    /// <returns>
    /// All weight files, then all compiled models. Each is <see cref="CachedWeightsState.Verified"/>,
    /// <see cref="CachedWeightsState.Wrong"/>, or <see cref="CachedWeightsState.Unverified"/> if no hash is known.
    /// </returns>
    public Task<IReadOnlyList<CachedWeights>> VerifyAsync(
        IProgress<WeightDownloadProgress>? progress = null, CancellationToken cancellationToken = default) => Task.Run(() =>
    {
        var seen = new List<CachedWeights>();
        foreach (var (entry, paths, sidecar) in Cached().Where(c => CachePaths.Exists(c.Paths.Target)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var problem = default(string);
            try
            {
                Verified(entry, paths.Target, sidecar, fits: null, new ProgressReporter(entry.File, progress, _log), cancellationToken);
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
    /// Removes a weight file from the cache, together with its partial download, its rejected file and its notes. A download in progress is
    /// awaited first. Read-only caches are not changed.
    /// </summary>
    /// <param name="application">Keras' model name or the file's name, as in <see cref="FetchAsync"/>.</param>
    /// <param name="includeTop">Whether the weights include the classifying layers. Defaults to true.</param>
    /// <param name="cancellationToken">The token to cancel the wait.</param>
    /// <returns>Whether any file was removed.</returns>
    /// <exception cref="ArgumentException">Keras publishes no such weights.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to write to the folder.</exception>
    public async Task<bool> RemoveAsync(string application, bool includeTop = true, CancellationToken cancellationToken = default)
    {
        var entry = Published(application, includeTop);
        var paths = PathsOf(entry);
        if (!Directory.Exists(paths.Folder))
            return false;
        using var held = await CacheLock.AcquireAsync(paths.Lock, _options.LockExpiry, () => { }, cancellationToken).ConfigureAwait(false);
        string[] noted = [paths.PartState, .. Directory.GetFiles(paths.Folder, $"{entry.File}*.verified.json")];
        var found = false;
        foreach (var path in noted.Concat([paths.Part, paths.Rejected, paths.Target]).Where(CachePaths.Exists))
        {
            found = true;
            CachePaths.Delete(path);
        }
        if (found)
            _log.Removed(entry.File);
        return found;
    }

    // The cache comes first, then the first read-only cache that has the file.
    private IEnumerable<(CatalogEntry Entry, CachePaths Paths, string Sidecar)> Cached()
    {
        foreach (var entry in WeightCatalog.Files.Values.OrderBy(e => e.File, StringComparer.Ordinal))
        {
            var own = PathsOf(entry);
            if (CachePaths.Exists(own.Target))
            {
                yield return (entry, own, own.Sidecar);
            }
            else if (_options.ReadOnlyCaches.Select(f => new CachePaths(f, entry.File))
                .FirstOrDefault(p => File.Exists(p.Target)) is { } shared)
            {
                var isRemembered = Verification.Remembered(entry, shared.Target, shared.Sidecar) is not null;
                yield return (entry, shared, isRemembered ? shared.Sidecar : SidecarOf(own, shared));
            }
            else if (File.Exists(own.Part) || CachePaths.Exists(own.Rejected))
            {
                yield return (entry, own, own.Sidecar);
            }
        }
    }

    private static CachedWeights Look(CatalogEntry entry, CachePaths paths, string sidecar, string? problem = null)
    {
        var (taken, file) = (CachePaths.Exists(paths.Target), File.Exists(paths.Target));
        if (taken && !file)
            problem ??= "it is not a file";
        return new()
        {
            File = entry.File,
            Path = paths.Target,
            Hash = entry.HashText,
            Problem = problem,
            RejectedPath = CachePaths.Exists(paths.Rejected) ? paths.Rejected : null,
            Size = !taken ? PartialFile.Peek(paths).Length : file ? new FileInfo(paths.Target).Length : 0,
            State = !taken ? (File.Exists(paths.Part) ? CachedWeightsState.Partial : CachedWeightsState.Rejected)
                : problem is not null ? CachedWeightsState.Wrong
                : entry.Hash is null || Verification.Remembered(entry, paths.Target, sidecar) is null ? CachedWeightsState.Unverified
                : CachedWeightsState.Verified,
        };
    }
}

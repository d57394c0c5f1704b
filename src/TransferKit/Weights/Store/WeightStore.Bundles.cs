using TransferKit.Common;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Store;

namespace TransferKit;

// Weights on their way to machines without a network.
public sealed partial class WeightStore
{
    /// <summary>
    /// Writes weight files with their hashes into one <c>.zip</c>, a bundle for <see cref="ImportAsync"/>. Files that are not
    /// in the cache are downloaded first, as <see cref="FetchAsync"/> does it.
    /// </summary>
    /// <param name="path">The bundle, replaced when the new one is whole.</param>
    /// <param name="files">The files' names, as <see cref="Backbone.WeightsFile"/> says them.</param>
    /// <param name="progress">Told of downloads and of what is written.</param>
    /// <param name="cancellationToken">Ends it; nothing half-written is left.</param>
    /// <exception cref="ArgumentException">Keras publishes no such file, or none is named.</exception>
    /// <exception cref="OutputFormatException">The extension is not <c>.zip</c>.</exception>
    /// <exception cref="OutputFileException">The bundle cannot be written.</exception>
    /// <exception cref="WeightsUnavailableException">A file is absent, and not to be downloaded.</exception>
    /// <exception cref="WeightsDownloadException">A file is absent, and no address gave it.</exception>
    /// <exception cref="WeightsBundleException">A file of the cache changed after it had been verified.</exception>
    public async Task ExportAsync(
        string path, IEnumerable<string> files, IProgress<WeightDownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(files);
        CatalogEntry[] entries = [.. files.Distinct().Select(f => Published(f, includeTop: true))];
        if (entries.Length == 0)
            throw new ArgumentException("A bundle holds at least one file.", nameof(files));

        // Before hours of downloads.
        var target = OutputTarget.OfWritable(path, ".zip");
        var verified = new List<(CatalogEntry, VerifiedFile)>();
        foreach (var entry in entries)
            verified.Add((entry, await EnsureAsync(entry, fits: null, progress, cancellationToken).ConfigureAwait(false)));

        await Task.Run(() => AtomicFile.Write(target, stream => WeightBundle.Write(
            target.Path, stream, verified, entry => new ProgressTeller(entry.File, progress, _log), cancellationToken)), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Puts the files of a bundle into the cache, each checked before it takes its place: against its known hash, or where none is
    /// known, against the bundle's and by its HDF5 structure; that stays unverified. Files that the cache has already, checked, stay.
    /// The network is not touched.
    /// </summary>
    /// <param name="path">A bundle that <see cref="ExportAsync"/> wrote.</param>
    /// <param name="progress">Told of what is copied.</param>
    /// <param name="cancellationToken">Ends it; files that were put in their places stay.</param>
    /// <returns>The bundle's files, as they are in the cache.</returns>
    /// <exception cref="WeightsBundleException">
    /// It is no bundle, is damaged, or holds what no bundle may hold: other names than those of Keras' weight files, links,
    /// more than its manifest says, files of another hash.
    /// </exception>
    /// <exception cref="WeightsUnavailableException">The cache folder cannot be written.</exception>
    /// <exception cref="IOException">The bundle cannot be read.</exception>
    public async Task<IReadOnlyList<CachedWeights>> ImportAsync(
        string path, IProgress<WeightDownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var bundle = WeightBundle.Open(path, _options.MaxDownloadBytes);
        var imported = new List<CachedWeights>();
        foreach (var item in bundle.Items)
        {
            var paths = PathsOf(item.Entry);
            try
            {
                await PutAsync(bundle, item, paths, new ProgressTeller(item.Entry.File, progress, _log), cancellationToken).ConfigureAwait(false);
            }
            catch (CacheFolderException e)
            {
                throw Unwritable(item.Entry, paths, e);
            }
            _log.Imported(item.Entry.File, path);
            imported.Add(Look(item.Entry, paths, paths.Sidecar));
        }
        return imported;
    }

    private async Task PutAsync(
        WeightBundle bundle, WeightBundle.Item item, CachePaths paths, ProgressTeller tell, CancellationToken cancellationToken)
    {
        using var held = await OnDisk(async () =>
        {
            Directory.CreateDirectory(paths.Folder);
            return await CacheLock.AcquireAsync(paths.Lock, _options.LockExpiry, () => { }, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (Verification.Remembered(item.Entry, paths.Target, paths.Sidecar) is not null)
            return;
        await OnDisk(() => Task.Run(() =>
        {
            try
            {
                CachePaths.Delete(paths.Import);
                using (var target = new FileStream(paths.Import, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
                {
                    bundle.CopyTo(item, target, tell, cancellationToken);
                    target.Flush(flushToDisk: true);
                }
                var note = Verification.Verify(item.Entry, paths.Import, paths.Sidecar, fits: null, cancellationToken);
                if (!note.Hash.Equals(item.Hash, StringComparison.OrdinalIgnoreCase))
                    throw bundle.Fault(item.Entry.File, $"its hash is {note.Hash}, and the manifest says {item.Hash}");
                if (CachePaths.IsTaken(paths.Target))
                    paths.SetAside(paths.Target);
                File.Move(paths.Import, paths.Target);
                File.Delete(paths.Part);
                File.Delete(paths.PartState);
                Remember(item.Entry, paths.Target, paths.Sidecar, note, tell);
            }
            catch (VerificationException e)
            {
                throw bundle.Fault(item.Entry.File, e.Message, e);
            }
            finally
            {
                CachePaths.Delete(paths.Import);
            }
            return true;
        }, cancellationToken)).ConfigureAwait(false);

        async Task<T> OnDisk<T>(Func<Task<T>> work)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (Exception e) when (CacheFolderException.IsCause(e))
            {
                throw new CacheFolderException(paths.Folder, e);
            }
        }
    }
}

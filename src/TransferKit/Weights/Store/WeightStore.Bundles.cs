using TransferKit.Common;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Store;

namespace TransferKit;

// Bundles carry weights to machines without network access.
public sealed partial class WeightStore
{
    /// <summary>
    /// Writes weight files with their hashes into one <c>.zip</c>, a bundle for <see cref="ImportAsync"/>. Files that are not in the cache
    /// are first downloaded, as by <see cref="FetchAsync"/>.
    /// </summary>
    /// <param name="path">The path of the bundle. An existing file is replaced once the new one is complete.</param>
    /// <param name="files">The names of the files, as <c>WeightStore.WeightsFile</c> returns them.</param>
    /// <param name="progress">Progress reporter for downloads and for writing; optional.</param>
    /// <param name="cancellationToken">The token to cancel the export, which then leaves no partial file.</param>
    /// <exception cref="ArgumentException">Keras publishes no such file, or <paramref name="files"/> is empty.</exception>
    /// <exception cref="OutputFormatException">The extension is not <c>.zip</c>.</exception>
    /// <exception cref="OutputFileException">The bundle cannot be written.</exception>
    /// <exception cref="WeightsUnavailableException">A file is missing and cannot be downloaded, as when the store is offline.</exception>
    /// <exception cref="WeightsDownloadException">A file is missing and its download failed.</exception>
    /// <exception cref="WeightsFormatException">A file of the cache changed after it was verified.</exception>
    public async Task ExportAsync(
        string path, IEnumerable<string> files, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(files);
        CatalogEntry[] entries = [.. files.Distinct().Select(f => Published(f, includeTop: true))];
        if (entries.Length == 0)
            throw new ArgumentException("A bundle needs at least one file.", nameof(files));

        // Checked before downloads that may take hours.
        var target = OutputTarget.OfWritable(path, ".zip");
        var verified = new List<(CatalogEntry, VerifiedFile)>();
        foreach (var entry in entries)
            verified.Add((entry, await EnsureAsync(entry, fits: null, progress, cancellationToken).ConfigureAwait(false)));

        await Task.Run(() => AtomicFile.Write(target, stream => WeightBundle.Write(
            target.Path, stream, verified, entry => new ProgressReporter(entry.File, progress, _log), cancellationToken)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Imports the files of a bundle into the cache without network access. Each file is first checked against its known hash. A file
    /// without one is checked against the bundle's hash and its HDF5 structure, and stays unverified. Files that are already in the cache
    /// and checked are left as they are.
    /// </summary>
    /// <param name="path">The path of a bundle that <see cref="ExportAsync"/> wrote.</param>
    /// <param name="progress">Progress reporter for copying; optional.</param>
    /// <param name="cancellationToken">The token to cancel the import. Files that are already imported stay.</param>
    /// <returns>The bundle's files in the cache.</returns>
    /// <exception cref="WeightsFormatException">
    /// The file is not a bundle, is damaged, or holds links, unknown names, files that its manifest does not list, or files with wrong
    /// hashes.
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
                var reporter = new ProgressReporter(item.Entry.File, progress, _log);
                await PutAsync(bundle, item, paths, reporter, cancellationToken).ConfigureAwait(false);
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
        WeightBundle bundle, WeightBundle.Item item, CachePaths paths, ProgressReporter reporter, CancellationToken cancellationToken)
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
                    bundle.CopyTo(item, target, reporter, cancellationToken);
                    target.Flush(flushToDisk: true);
                }
                var note = Verification.Verify(item.Entry, paths.Import, paths.Sidecar, fits: null, cancellationToken);
                if (!note.Hash.Equals(item.Hash, StringComparison.OrdinalIgnoreCase))
                    throw bundle.Fault(item.Entry.File, $"its hash is {note.Hash}, but the manifest states {item.Hash}");
                if (CachePaths.Exists(paths.Target))
                    paths.Reject(paths.Target);
                File.Move(paths.Import, paths.Target);
                File.Delete(paths.Part);
                File.Delete(paths.PartState);
                Remember(item.Entry, paths.Target, paths.Sidecar, note, reporter);
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

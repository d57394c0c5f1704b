using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TransferKit.Common;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Store;

namespace TransferKit;

/// <summary>
/// Represents a cache of Keras' weight files in a folder, by default Keras' own. Files are verified before use and downloaded if they are
/// missing.
/// </summary>
/// <remarks>
/// <para>Every file is checked against its known hash before use: the MD5 or SHA-256 that Keras publishes, or one that this library pins.
/// For most MobileNetV2 files no hash is known, so they stay <see cref="CachedWeightsState.Unverified"/>. Their structure and layers are
/// checked, and the SHA-256 of their first use is recorded. A note beside the file records size and time, so that later loads skip the
/// check. A file that fails is renamed to <c>.rejected</c> and downloaded again.</para>
/// <para>A download is written beside its target and renamed once it is complete and checked, so no process ever reads a partial file. An
/// interrupted download is resumed. Threads and processes that need the same file share one download. On folders without file locks, such
/// as some network mounts, a heartbeat in the lock file replaces the lock. Two machines that start at the same moment may then both
/// download; the file is still correct.</para>
/// <para>This class is thread-safe.</para>
/// </remarks>
public sealed partial class WeightStore
{
    // HttpClient is meant to be shared by the whole process.
    private static readonly Lazy<HttpClient> SharedClient = new(() => new HttpClient(new RedirectHandler(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(30),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        AllowAutoRedirect = false,
    }))
    { Timeout = System.Threading.Timeout.InfiniteTimeSpan });

    private readonly WeightStoreOptions _options;
    private readonly ILogger _log;

    /// <summary>Initializes a new instance.</summary>
    /// <param name="options">The options. Defaults to Keras' folder and address.</param>
    public WeightStore(WeightStoreOptions? options = null)
    {
        _options = options ?? new WeightStoreOptions();
        _options.Validate();
        var loggers = _options.LoggerFactory ?? (ILoggerFactory?)_options.Services?.GetService(typeof(ILoggerFactory));
        _log = new PrintableLog(loggers?.CreateLogger(StoreLog.Category) ?? NullLogger.Instance);
        foreach (var mirror in _options.Mirrors)
            WeightAddress.OfMirror(mirror, "file");
    }

    /// <summary>Gets the store that models use if none is given: Keras' folder and address.</summary>
    public static WeightStore Default { get; } = new();

    internal ILogger Log => _log;

    /// <summary>Gets the folder of weight files. Defaults to <c>models</c> under <c>KERAS_HOME</c> or <c>~/.keras</c>.</summary>
    public string CacheDirectory => _options.CacheDirectory ?? CachePaths.KerasFolder("models");

    /// <summary>
    /// Gets whether the store is offline, by <see cref="WeightStoreOptions.Offline"/> or the variable <c>TRANSFERKIT_OFFLINE</c>.
    /// </summary>
    public bool IsOffline => _options.IsOffline;

    /// <summary>Gets the path of an application's ImageNet weights. The file is checked, and downloaded if it is missing.</summary>
    /// <param name="application">
    /// Keras' model name, <c>vgg16</c>; with options for other widths, <c>mobilenet_v2(alpha=0.35,size=224)</c>. The file's name, as
    /// <c>WeightStore.WeightsFile</c> returns it, is accepted too.
    /// </param>
    /// <param name="includeTop">Whether the weights include the classifying layers. Defaults to true.</param>
    /// <param name="progress">Progress reporter for the download; optional.</param>
    /// <param name="cancellationToken">The token to cancel the download. The next attempt resumes it.</param>
    /// <returns>The path of a file that matches its hash, or is unverified because no hash is known.</returns>
    /// <exception cref="ArgumentException">Keras publishes no such weights.</exception>
    /// <exception cref="WeightsUnavailableException">
    /// The file is missing, and the store is offline or its folder cannot be written.
    /// </exception>
    /// <exception cref="WeightsDownloadException">No address returned the correct file.</exception>
    public async Task<string> FetchAsync(
        string application, bool includeTop = true, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var entry = Published(application, includeTop);
        return (await EnsureAsync(entry, fits: null, progress, cancellationToken).ConfigureAwait(false)).Path;
    }

    private static CatalogEntry Published(string application, bool includeTop)
    {
        ArgumentException.ThrowIfNullOrEmpty(application);
        return WeightCatalog.Find(application, includeTop)
            ?? WeightCatalog.Files.GetValueOrDefault(application)
            ?? throw new ArgumentException($"Keras publishes no ImageNet weights for '{Printable.Of(application)}'.", nameof(application));
    }

    /// <summary>Gets the weights that a package bundles under a catalog file's name; null if none does.</summary>
    internal Weights? Bundled(CatalogEntry entry) => _options.Bundled.FirstOrDefault(w => w.Name == entry.File);

    /// <summary>
    /// Gets the path of an application's ImageNet weights, blocking the calling thread. <see cref="FetchAsync"/> is the asynchronous form.
    /// </summary>
    /// <inheritdoc cref="FetchAsync"/>
    public string Fetch(
        string application, bool includeTop = true, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        // Runs on another thread to avoid a deadlock with the caller's synchronization context.
        Task.Run(() => FetchAsync(application, includeTop, progress, cancellationToken), cancellationToken).GetAwaiter().GetResult();

    /// <summary>Gets the paths of a catalog file in the cache.</summary>
    internal CachePaths PathsOf(CatalogEntry entry) =>
        new(_options.CacheDirectory ?? CachePaths.KerasFolder(entry.CacheSubdir), entry.File);

    /// <param name="entry">The file's catalog entry.</param>
    /// <param name="fits">Checks the layers of a file without a known hash, and disposes the file.</param>
    /// <param name="progress">Progress reporter for the download; optional.</param>
    /// <param name="cancellationToken">The token to cancel the download.</param>
    internal async Task<VerifiedFile> EnsureAsync(
        CatalogEntry entry, Action<WeightFile>? fits, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken)
    {
        using var timing = Instrumentation.Fetch?.Begin(Instrumentation.File, entry.File);
        try
        {
            var reporter = new ProgressReporter(entry.File, progress, _log);
            var paths = PathsOf(entry);
            var file = Remembered(entry, paths)
                ?? await LocateAsync(entry, paths, fits, reporter, cancellationToken).ConfigureAwait(false);
            timing?.Tag(Instrumentation.Cache, file.IsDownloaded ? "miss" : "hit");
            return file;
        }
        catch (Exception e) when (timing?.IsHandled(e) == true)
        {
            throw;
        }
        catch (TransferKitException e)
        {
            _log.Failed(e, entry.File);
            throw;
        }
    }

    private VerifiedFile? Remembered(CatalogEntry entry, CachePaths paths)
    {
        var remembered = Verification.Remembered(entry, paths.Target, paths.Sidecar);
        if (remembered is not null)
            _log.Remembered(entry.File, remembered.Path);
        return remembered;
    }

    private async Task<VerifiedFile> LocateAsync(
        CatalogEntry entry, CachePaths paths, Action<WeightFile>? fits, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        if (!CachePaths.Exists(paths.Target) && FromReadOnlyCaches(entry, paths, fits, reporter, cancellationToken) is { } shared)
            return shared;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        try
        {
            while (true)
            {
                if (await UnderLockAsync(entry, paths, fits, reporter, limit.Token, cancellationToken).ConfigureAwait(false) is { } file)
                    return file;
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            // The downloader handles its own timeout, so this one occurred while waiting for another process.
            var reason = $"another thread or process still holds the lock after {_options.Timeout}";
            throw new WeightsDownloadException(entry, paths.Target, [(paths.Lock, 0, reason)], 0, null, e);
        }
        catch (CacheFolderException e)
        {
            throw Unwritable(entry, paths, e);
        }
    }

    // Returns null if another process took over the lock; the caller then waits for that process.
    private async Task<VerifiedFile?> UnderLockAsync(
        CatalogEntry entry, CachePaths paths, Action<WeightFile>? fits, ProgressReporter reporter, CancellationToken limit,
        CancellationToken cancellationToken)
    {
        using var held = await LockAsync(entry, paths, reporter, limit).ConfigureAwait(false);
        if (Verification.Remembered(entry, paths.Target, paths.Sidecar) is { } remembered)
            return remembered;

        string? problem = null;
        if (CachePaths.Exists(paths.Target))
        {
            try
            {
                return Verified(entry, paths.Target, paths.Sidecar, fits, reporter, cancellationToken);
            }
            catch (VerificationException e)
            {
                problem = e.Message;
            }
        }
        var addresses = Addresses(entry);
        if (addresses.Count == 0 || held is null)
        {
            throw WeightsUnavailableException.Absent(entry, paths.Target,
                (problem is null ? "" : $"the existing file is wrong: {problem}; ")
                + (_options.IsOffline
                    ? $"TransferKit is offline, as set by the variable {WeightStoreOptions.OfflineVariable} "
                        + $"or the store's option {nameof(WeightStoreOptions.Offline)}."
                    : held is null ? $"the folder '{paths.Folder}' cannot be written." : "the store has no address to download from."));
        }
        if (problem is not null)
        {
            Reject(paths);
            _log.Rejected(entry.File, paths.Rejected, problem);
            reporter.Report(WeightDownloadState.Rejected, message: $"{paths.Target} was moved to {paths.Rejected}: {problem}");
        }
        // A container's clients are short-lived, so that proxies, certificates and addresses can change.
        using var scope = _options.Services?.CreateScope();
        var http = _options.HttpClient
            ?? scope?.ServiceProvider.GetKeyedService<HttpClient>(TransferKitOptions.HttpClientName)
            ?? SharedClient.Value;
        var downloader = new Downloader(entry, paths, held, http, _options, fits, reporter);
        try
        {
            var note = await downloader.DownloadAsync(addresses, limit, cancellationToken).ConfigureAwait(false);
            return Remember(entry, paths.Target, paths.Sidecar, note, reporter) with { IsDownloaded = true };
        }
        catch (Exception e) when (e is OvertakenException or CacheFolderException && !held.IsOwn)
        {
            return null;
        }
    }

    // Returns null if the folder cannot be written and no download is needed or possible, as on a read-only disk.
    private async Task<CacheLock?> LockAsync(
        CatalogEntry entry, CachePaths paths, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        var isLogged = false;
        try
        {
            Directory.CreateDirectory(paths.Folder);
            return await CacheLock.AcquireAsync(paths.Lock, _options.LockExpiry, Waiting, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (CachePaths.Exists(paths.Target) || Addresses(entry).Count == 0)
                return null;
            throw new CacheFolderException(paths.Folder, e);
        }

        void Waiting()
        {
            if (!isLogged)
                _log.Waiting(entry.File);
            isLogged = true;
            var (length, total) = PartialFile.Peek(paths);
            reporter.Report(WeightDownloadState.Waiting, length, total);
        }
    }

    private VerifiedFile? FromReadOnlyCaches(
        CatalogEntry entry, CachePaths own, Action<WeightFile>? fits, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        foreach (var folder in _options.ReadOnlyCaches)
        {
            var paths = new CachePaths(folder, entry.File);
            if (!File.Exists(paths.Target))
                continue;
            var sidecar = SidecarOf(own, paths);
            try
            {
                return Verification.Remembered(entry, paths.Target, paths.Sidecar)
                    ?? Verification.Remembered(entry, paths.Target, sidecar)
                    ?? Verified(entry, paths.Target, sidecar, fits, reporter, cancellationToken);
            }
            catch (VerificationException e)
            {
                _log.PassedOver(paths.Target, e.Message);
                reporter.Report(WeightDownloadState.Verifying, message: $"{paths.Target} is skipped: {e.Message}");
            }
        }
        return null;
    }

    // The note on a file of a read-only cache is stored in the store's own cache.
    private static string SidecarOf(CachePaths own, CachePaths shared) =>
        $"{own.Target}.{CounterRandom.NameHash(shared.Target):x16}.verified.json";

    private static VerifiedFile Verified(
        CatalogEntry entry, string path, string sidecar, Action<WeightFile>? fits, ProgressReporter reporter,
        CancellationToken cancellationToken)
    {
        reporter.Report(WeightDownloadState.Verifying);
        return Remember(entry, path, sidecar, Verification.Verify(entry, path, sidecar, fits, cancellationToken), reporter);
    }

    private static VerifiedFile Remember(CatalogEntry entry, string path, string sidecar, VerifiedNote note, ProgressReporter reporter)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(sidecar)!);
            JsonFile.Write(sidecar, note, StoreJson.Default.VerifiedNote);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start verifies again, which is slower but still correct.
        }
        if (entry.Hash is null)
            reporter.Log.Unverified(entry.File, note.Hash, path);
        else
            reporter.Log.Verified(entry.File, note.Hash, path);
        reporter.Report(
            WeightDownloadState.Done, note.Size, note.Size, entry.Hash is null ? "unverified, because no hash of it is known" : null);
        return new VerifiedFile(path, note.Hash);
    }

    private static WeightsUnavailableException Unwritable(CatalogEntry entry, CachePaths paths, CacheFolderException e) =>
        WeightsUnavailableException.Absent(
            entry, paths.Target, $"the folder '{e.Folder}' cannot be written ({e.Message.TrimEnd('.')}).", e);

    private static void Reject(CachePaths paths)
    {
        try
        {
            paths.Reject(paths.Target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CacheFolderException(paths.Folder, e);
        }
    }

    private List<WeightAddress> Addresses(CatalogEntry entry)
    {
        var addresses = _options.Mirrors.Select(m => WeightAddress.OfMirror(m, entry.File)).ToList();
        if (_options.UseKerasAddress)
            addresses.Add(WeightAddress.Of(new Uri(entry.Url)));
        return _options.IsOffline ? [.. addresses.Where(a => a.Network is null)] : addresses;
    }
}

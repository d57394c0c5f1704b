using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TransferKit.Common;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Store;

namespace TransferKit;

/// <summary>
/// Keras' weight files in a folder, by default Keras' own: verified before use, and downloaded where they are absent.
/// </summary>
/// <remarks>
/// <para>Every file is checked against its known hash before it is used: the MD5 or SHA-256 that Keras publishes, or a SHA-256 or
/// MD5 pinned by this library where Keras publishes none. Of most MobileNetV2 files no hash is known: they stay
/// <see cref="CachedWeightsState.Unverified"/>, their structure and layers are checked, and the SHA-256 that a file had when it was first
/// seen is kept. A note beside the file remembers its size and time, so that the check is paid once. A file that fails is set aside as
/// <c>.rejected</c> and downloaded again.</para>
/// <para>A download is written beside its target and renamed when it is whole and verified: nobody ever sees half a file. One
/// that was cut short, by whatever means, is gone on with later. Threads and processes that want the same file make one
/// download. On folders without file locks, as some network mounts are, that rests on signs of life in the lock file:
/// two machines that start within the same moment may then both download, and the file is right all the same.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public sealed partial class WeightStore
{
    // For the whole process, as HttpClient is meant to be used.
    private static readonly Lazy<HttpClient> SharedClient = new(() => new HttpClient(new RedirectHandler(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(30),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        AllowAutoRedirect = false,
    }))
    { Timeout = System.Threading.Timeout.InfiniteTimeSpan });

    private readonly WeightStoreOptions _options;
    private readonly ILogger _log;

    /// <summary>A store over a folder.</summary>
    /// <param name="options">Null for Keras' own folder and address.</param>
    public WeightStore(WeightStoreOptions? options = null)
    {
        _options = options ?? new WeightStoreOptions();
        _options.Validate();
        _log = (_options.LoggerFactory ?? _options.Services?.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger(StoreLog.Category);
        foreach (var mirror in _options.Mirrors)
            WeightAddress.OfMirror(mirror, "file");
    }

    /// <summary>The store that models use where none is given: Keras' own folder and address.</summary>
    public static WeightStore Default { get; } = new();

    internal ILogger Log => _log;

    /// <summary>The folder of weight files: <c>~/.keras/models</c> unless said otherwise.</summary>
    public string CacheDirectory => _options.CacheDirectory ?? CachePaths.KerasFolder("models");

    /// <summary>Whether it never touches the network: <see cref="WeightStoreOptions.Offline"/>, or <c>TRANSFERKIT_OFFLINE</c>.</summary>
    public bool IsOffline => _options.IsOffline;

    /// <summary>
    /// Sees to it that the ImageNet weights of an application are in the cache, checked; returns their path.
    /// </summary>
    /// <param name="application">
    /// Keras' model name, <c>vgg16</c>; for widths other than the usual as <c>mobilenet_v2(alpha=0.35,size=224)</c>. Or
    /// the file's name, as <see cref="Backbone.WeightsFile"/> says it.
    /// </param>
    /// <param name="includeTop">Whether with the classifying layers; Keras' default is true.</param>
    /// <param name="progress">Told of the download.</param>
    /// <param name="cancellationToken">Ends the download; what has arrived is kept for the next.</param>
    /// <returns>The path of a file that matched its hash, or is unverified where no hash of it is known.</returns>
    /// <exception cref="ArgumentException">Keras publishes no such weights.</exception>
    /// <exception cref="WeightsUnavailableException">The file is absent, and the store is offline or its folder cannot be written.</exception>
    /// <exception cref="WeightsDownloadException">No address gave the right file.</exception>
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
            ?? throw new ArgumentException($"Keras publishes no ImageNet weights for '{application}'.", nameof(application));
    }

    /// <summary>The weights that a package carries under a catalog file's name; null where none does.</summary>
    internal Weights? Bundled(CatalogEntry entry) => _options.Bundled.FirstOrDefault(w => w.Name == entry.File);

    /// <summary>As <see cref="FetchAsync"/>, for scripts: returns when the file is there.</summary>
    /// <inheritdoc cref="FetchAsync"/>
    public string Fetch(
        string application, bool includeTop = true, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        // On another thread, so that a caller's synchronization context cannot block it.
        Task.Run(() => FetchAsync(application, includeTop, progress, cancellationToken), cancellationToken).GetAwaiter().GetResult();

    /// <summary>Where a file of the catalog is kept.</summary>
    internal CachePaths PathsOf(CatalogEntry entry) =>
        new(_options.CacheDirectory ?? CachePaths.KerasFolder(entry.CacheSubdir), entry.File);

    /// <param name="entry">The file.</param>
    /// <param name="fits">Checks the layers of a file without a known hash; owns the file it is given.</param>
    /// <param name="progress">Told of the download.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    internal async Task<VerifiedFile> EnsureAsync(
        CatalogEntry entry, Action<WeightFile>? fits, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            return await LocateAsync(entry, fits, new ProgressTeller(entry.File, progress, _log), cancellationToken).ConfigureAwait(false);
        }
        catch (TransferKitException e)
        {
            _log.Failed(e, entry.File);
            throw;
        }
    }

    private async Task<VerifiedFile> LocateAsync(
        CatalogEntry entry, Action<WeightFile>? fits, ProgressTeller tell, CancellationToken cancellationToken)
    {
        var paths = PathsOf(entry);
        if (Verification.Remembered(entry, paths.Target, paths.Sidecar) is { } remembered)
        {
            _log.Remembered(entry.File, remembered.Path);
            return remembered;
        }
        if (!CachePaths.IsTaken(paths.Target) && FromReadOnlyCaches(entry, paths, fits, tell, cancellationToken) is { } shared)
            return shared;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        try
        {
            while (true)
            {
                if (await UnderLockAsync(entry, paths, fits, tell, limit.Token, cancellationToken).ConfigureAwait(false) is { } file)
                    return file;
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            // The downloader keeps time itself: this was the wait for somebody else's.
            throw new WeightsDownloadException(
                entry, paths.Target, [(paths.Lock, 0, $"another thread or process still held it after {_options.Timeout}")], 0, null, e);
        }
        catch (CacheFolderException e)
        {
            throw Unwritable(entry, paths, e);
        }
    }

    // Null where another took the lock meanwhile: then it is that one who is waited for.
    private async Task<VerifiedFile?> UnderLockAsync(
        CatalogEntry entry, CachePaths paths, Action<WeightFile>? fits, ProgressTeller tell, CancellationToken limit,
        CancellationToken cancellationToken)
    {
        using var held = await LockAsync(entry, paths, tell, limit).ConfigureAwait(false);
        if (Verification.Remembered(entry, paths.Target, paths.Sidecar) is { } remembered)
            return remembered;

        string? problem = null;
        if (CachePaths.IsTaken(paths.Target))
        {
            try
            {
                return Verified(entry, paths.Target, paths.Sidecar, fits, tell, cancellationToken);
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
                (problem is null ? "" : $"the file there is not right: {problem}; ")
                + (_options.IsOffline
                    ? $"TransferKit is offline: the variable {WeightStoreOptions.OfflineVariable} or the store's option {nameof(WeightStoreOptions.Offline)} says so."
                    : held is null ? $"the folder '{paths.Folder}' cannot be written." : "the store has no address to download from."));
        }
        if (problem is not null)
        {
            SetAside(paths);
            _log.SetAside(entry.File, paths.Rejected, problem);
            tell.Tell(WeightDownloadState.SetAside, message: $"{paths.Target} was set aside as {paths.Rejected}: {problem}");
        }
        // A container makes clients for a while only: so that proxies, certificates and addresses may change.
        using var scope = _options.Services?.CreateScope();
        var http = _options.HttpClient
            ?? scope?.ServiceProvider.GetKeyedService<HttpClient>(TransferKitOptions.HttpClientName)
            ?? SharedClient.Value;
        var downloader = new Downloader(entry, paths, held, http, _options, fits, tell);
        try
        {
            var note = await downloader.DownloadAsync(addresses, limit, cancellationToken).ConfigureAwait(false);
            return Remember(entry, paths.Target, paths.Sidecar, note, tell);
        }
        catch (Exception e) when (e is OvertakenException or CacheFolderException && !held.IsOwn)
        {
            return null;
        }
    }

    // Null where the folder cannot be written, as on a read-only disk: what is there can be read all the same.
    private async Task<CacheLock?> LockAsync(CatalogEntry entry, CachePaths paths, ProgressTeller tell, CancellationToken cancellationToken)
    {
        var told = false;
        try
        {
            Directory.CreateDirectory(paths.Folder);
            return await CacheLock.AcquireAsync(paths.Lock, _options.LockExpiry, Waiting, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (CachePaths.IsTaken(paths.Target) || Addresses(entry).Count == 0)
                return null;
            throw new CacheFolderException(paths.Folder, e);
        }

        void Waiting()
        {
            if (!told)
                _log.Waiting(entry.File);
            told = true;
            var (length, total) = PartialFile.Peek(paths);
            tell.Tell(WeightDownloadState.Waiting, length, total);
        }
    }

    private VerifiedFile? FromReadOnlyCaches(
        CatalogEntry entry, CachePaths own, Action<WeightFile>? fits, ProgressTeller tell, CancellationToken cancellationToken)
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
                    ?? Verified(entry, paths.Target, sidecar, fits, tell, cancellationToken);
            }
            catch (VerificationException e)
            {
                _log.PassedOver(paths.Target, e.Message);
                tell.Tell(WeightDownloadState.Verifying, message: $"{paths.Target} is passed over: {e.Message}");
            }
        }
        return null;
    }

    // The note on a file that may not be written to lies in the cache of one's own.
    private static string SidecarOf(CachePaths own, CachePaths shared) =>
        $"{own.Target}.{CounterRandom.NameHash(shared.Target):x16}.verified.json";

    private static VerifiedFile Verified(
        CatalogEntry entry, string path, string sidecar, Action<WeightFile>? fits, ProgressTeller tell, CancellationToken cancellationToken)
    {
        tell.Tell(WeightDownloadState.Verifying);
        return Remember(entry, path, sidecar, Verification.Verify(entry, path, sidecar, fits, cancellationToken), tell);
    }

    private static VerifiedFile Remember(CatalogEntry entry, string path, string sidecar, VerifiedNote note, ProgressTeller tell)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(sidecar)!);
            SmallJson.Write(sidecar, note);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start verifies again: slower, and no less right.
        }
        if (entry.Hash is null)
            tell.Log.Unverified(entry.File, note.Hash, path);
        else
            tell.Log.Verified(entry.File, note.Hash, path);
        tell.Tell(WeightDownloadState.Done, note.Size, note.Size, entry.Hash is null ? "unverified, since no hash of it is known" : null);
        return new VerifiedFile(path, note.Hash);
    }

    private static WeightsUnavailableException Unwritable(CatalogEntry entry, CachePaths paths, CacheFolderException e) =>
        WeightsUnavailableException.Absent(entry, paths.Target, $"the folder '{e.Folder}' cannot be written ({e.Message.TrimEnd('.')}).", e);

    private static void SetAside(CachePaths paths)
    {
        try
        {
            paths.SetAside(paths.Target);
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
            addresses.Add(WeightAddress.Of(entry.Url));
        return _options.IsOffline ? [.. addresses.Where(a => a.Network is null)] : addresses;
    }
}

using Microsoft.Extensions.Logging;

namespace TransferKit;

/// <summary>Specifies where a <see cref="WeightStore"/> stores and finds weights, and how it retries downloads.</summary>
public sealed record WeightStoreOptions
{
    /// <summary>
    /// The environment variable that disables the network, with any value except an empty one, <c>0</c> and <c>false</c>.
    /// </summary>
    public const string OfflineVariable = "TRANSFERKIT_OFFLINE";

    /// <summary>
    /// Gets the folder of weight files. Defaults to null: <c>models</c> under <c>KERAS_HOME</c> or else <c>~/.keras</c>, where Keras stores
    /// its downloads.
    /// </summary>
    public string? CacheDirectory { get; init; }

    /// <summary>
    /// Gets folders that are searched after the cache and never written to, such as a cluster's shared one. Defaults to none.
    /// </summary>
    public IReadOnlyList<string> ReadOnlyCaches { get; init; } = [];

    /// <summary>
    /// Gets the weights that packages bundle. They replace ImageNet weights of the same file name, without network or cache. Defaults to
    /// none.
    /// </summary>
    public IReadOnlyList<Weights> Bundled { get; init; } = [];

    /// <summary>
    /// Gets the mirrors, tried in order before Keras' address: base addresses (<c>https://…</c>, <c>file://…</c>) or folders. A mirror
    /// holds the files directly, named as in Keras' cache. Files are verified as usual; those without a known hash (most of MobileNetV2)
    /// are only as trustworthy as the mirror. Defaults to none.
    /// </summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>Gets whether Keras' address is tried after <see cref="Mirrors"/>. Defaults to true.</summary>
    public bool UseKerasAddress { get; init; } = true;

    /// <summary>
    /// Gets whether the store is offline and uses only files and folders. Defaults to null: the environment variable
    /// <see cref="OfflineVariable"/> decides.
    /// </summary>
    public bool? Offline { get; init; }

    /// <summary>
    /// Gets the client for downloads, with your own proxy or certificates; the store does not dispose it. Defaults to null: the container's
    /// client, <see cref="TransferKitOptions.HttpClientName"/>, or one with the system's proxy settings.
    /// </summary>
    public HttpClient? HttpClient { get; init; }

    /// <summary>
    /// Gets the logger factory for the category <c>TransferKit.WeightStore</c>, whose event ids are in docs/weight-store.md. Defaults to
    /// null:
    /// the container's factory, or no log.
    /// </summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Gets the maximum of consecutive attempts at one address that receive no new bytes. Defaults to 6.</summary>
    public int MaxTries { get; init; } = 6;

    /// <summary>
    /// Gets the pause after the first failure. It doubles at each further failure, less a random part of up to half. Defaults to 1 second.
    /// </summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets the maximum pause between attempts, even if a server's <c>Retry-After</c> is longer. After a server has named a time, up to
    /// half of the pause is added at random. Defaults to 1 minute.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets the time without a byte from the server after which an attempt fails. Defaults to 30 seconds.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the maximum duration of one attempt. Defaults to 1 hour.</summary>
    public TimeSpan TryTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets the maximum duration for one file over all attempts and addresses, including waits for other processes. Defaults to 3 hours.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(3);

    /// <summary>
    /// Gets the maximum size of a weight file in bytes, in a download or in a bundle. A larger file is refused and deleted. Defaults to 4
    /// GiB.
    /// </summary>
    public long MaxDownloadBytes { get; init; } = 4L << 30;

    /// <summary>Gets the number of bytes between two points at which an interrupted download can resume.</summary>
    internal int BytesBetweenMarks { get; init; } = 8 << 20;

    /// <summary>Gets the time without a heartbeat after which a lock owner on another machine counts as dead.</summary>
    internal TimeSpan LockExpiry { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets the container that created the store, for its logger factory and HTTP client; null if there is none.</summary>
    internal IServiceProvider? Services { get; init; }

    internal bool IsOffline => Offline ?? MeansOffline(Environment.GetEnvironmentVariable(OfflineVariable));

    internal static bool MeansOffline(string? variable) =>
        !string.IsNullOrEmpty(variable) && variable != "0" && !variable.Equals("false", StringComparison.OrdinalIgnoreCase);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRetryDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StallTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(TryTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDownloadBytes, 1);
        ArgumentNullException.ThrowIfNull(ReadOnlyCaches);
        ArgumentNullException.ThrowIfNull(Mirrors);
    }
}

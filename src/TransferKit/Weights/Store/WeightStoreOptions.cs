using Microsoft.Extensions.Logging;

namespace TransferKit;

/// <summary>Where a <see cref="WeightStore"/> keeps and finds weights, and how patient it is. The defaults are Keras' own places.</summary>
public sealed record WeightStoreOptions
{
    /// <summary>The environment variable that forbids the network, with any value but empty, <c>0</c> and <c>false</c>.</summary>
    public const string OfflineVariable = "TRANSFERKIT_OFFLINE";

    /// <summary>
    /// The folder of weight files. Null, the default: Keras' own, <c>models</c> under <c>KERAS_HOME</c>, else under
    /// <c>~/.keras</c>; so that files which Keras has downloaded are found.
    /// </summary>
    public string? CacheDirectory { get; init; }

    /// <summary>Folders that are looked into after the cache and never written to, such as a shared one of a cluster.</summary>
    public IReadOnlyList<string> ReadOnlyCaches { get; init; } = [];

    /// <summary>
    /// Weights that packages carry, taken for ImageNet's where their names are those of Keras' files: no network and no
    /// cache is needed for them.
    /// </summary>
    public IReadOnlyList<Weights> Bundled { get; init; } = [];

    /// <summary>
    /// Tried in order before Keras' own address: base addresses (<c>https://…</c>, <c>file://…</c>) or folders that hold
    /// the files directly under the names of Keras' cache. What comes from them is verified as all else is; files of which no hash
    /// is known (most of MobileNetV2) stay unverified, and are as good as the mirror.
    /// </summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>Whether Keras' own address is tried after <see cref="Mirrors"/>; true by default.</summary>
    public bool UseKerasAddress { get; init; } = true;

    /// <summary>
    /// Whether the network is never touched; folders are. Null, the default: as the environment variable
    /// <see cref="OfflineVariable"/> says.
    /// </summary>
    public bool? Offline { get; init; }

    /// <summary>
    /// The client to download with, for a proxy or certificates of your own; it is not disposed of. Null: one that
    /// honours the system's proxy settings; under dependency injection the container's,
    /// <see cref="TransferKitOptions.HttpClientName"/>.
    /// </summary>
    public HttpClient? HttpClient { get; init; }

    /// <summary>
    /// Where the store logs what it does, under <c>TransferKit.WeightStore</c> and with the event ids of docs/weights.md.
    /// Null: nowhere; under dependency injection the container's own.
    /// </summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Tries in a row at one address that bring nothing new before it is given up; 6 by default.</summary>
    public int MaxTries { get; init; } = 6;

    /// <summary>The pause after a first failure, doubled at each further one and shortened at random by up to half; 1 second by default.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between tries, also where a server's <c>Retry-After</c> asks for more; 1 minute by default.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a server may send nothing before a try is ended; 30 seconds by default.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest that one try may take; 1 hour by default.</summary>
    public TimeSpan TryTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The longest that one file may take over all tries and addresses, waiting for others included; 3 hours by default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(3);

    /// <summary>
    /// Gets the most bytes that a weight file may have, in a download or in a bundle: what is larger is refused and deleted.
    /// Defaults to 4 GiB; Keras' largest file has 1.4 GB.
    /// </summary>
    public long MaxDownloadBytes { get; init; } = 4L << 30;

    /// <summary>How many bytes arrive between two points from which a broken download can go on.</summary>
    internal int BytesBetweenMarks { get; init; } = 8 << 20;

    /// <summary>How long a lock's owner on another machine may give no sign of life before it counts as dead.</summary>
    internal TimeSpan LockExpiry { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The container that asked for the store, if one did: it may have a logger factory and an HTTP client.</summary>
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

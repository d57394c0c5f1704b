namespace TransferKit;

/// <summary>Represents the options of an extraction into a feature set.</summary>
public sealed record FeatureSetOptions
{
    /// <summary>
    /// Gets the number of shards, from 1 to 100,000. Defaults to null: the number that the set was begun with, or one shard for each
    /// 50,000 files, and at least one for each worker.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int? Shards
    {
        get;
        init => field = value is null or (>= 1 and <= 100_000)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Shards), value, $"{nameof(Shards)} is {value}; it must be from 1 to 100,000.");
    }

    /// <summary>Gets the worker whose shards are written. Defaults to null, which means all shards.</summary>
    public ShardWorker? Worker { get; init; }

    /// <summary>
    /// Gets whether several processes share the work: each claims shards that no other has claimed, until all are complete. Defaults to
    /// false.
    /// </summary>
    public bool Claim { get; init; }

    /// <summary>Gets the time after which a worker without a heartbeat counts as dead, at least a second. Defaults to one minute.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than a second.</exception>
    public TimeSpan ClaimExpiry
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ClaimExpiry), value, $"{nameof(ClaimExpiry)} must be at least a second.");
    } = TimeSpan.FromMinutes(1);

    /// <summary>Gets the time after which computed rows are kept in a piece, so that an interruption costs no more.</summary>
    internal TimeSpan PieceTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets whether files that failed in an earlier run are tried again. Defaults to false.</summary>
    public bool RetryFailed { get; init; }

    /// <summary>Gets whether features that were computed with other options are discarded. Defaults to false, which refuses them.</summary>
    public bool Restart { get; init; }
}

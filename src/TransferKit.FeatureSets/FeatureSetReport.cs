namespace TransferKit;

/// <summary>Represents the result of an extraction into a feature set, for the shards that it wrote or found complete.</summary>
public sealed record FeatureSetReport
{
    /// <summary>Gets the number of files: rows with features and failures.</summary>
    public long Files => Rows + Failures;

    /// <summary>Gets the number of files with features.</summary>
    public long Rows { get; init; }

    /// <summary>Gets the number of files without features.</summary>
    public long Failures { get; init; }

    /// <summary>
    /// Gets the number of failures that <see cref="FeatureSetOptions.RetryFailed"/> may mend, such as an unreadable disk.
    /// </summary>
    public long Retryable { get; init; }

    /// <summary>Gets the number of files that this run read. The others were read by earlier runs or other processes.</summary>
    public long Computed { get; init; }

    /// <summary>Gets the number of files that an earlier run did not find.</summary>
    public long Added { get; init; }

    /// <summary>Gets the number of files that were changed since an earlier run read them.</summary>
    public long Changed { get; init; }

    /// <summary>Gets the number of files that an earlier run read and that are absent now. Their rows are removed.</summary>
    public long Vanished { get; init; }

    /// <summary>Gets the files that failed in this run, each with its error.</summary>
    public IReadOnlyList<FeatureRow> Skipped { get; init; } = [];

    /// <summary>Gets whether all shards are complete, and the set was merged.</summary>
    public bool IsComplete { get; init; }
}

namespace TransferKit;

/// <summary>
/// Represents what the extraction of many files will cost on machines like this one, estimated from a sample of them:
/// <see cref="FeatureSetExtensions.EstimateAsync"/>.
/// </summary>
public sealed record ExtractionEstimate
{
    /// <summary>Gets the number of files.</summary>
    public long Files { get; init; }

    /// <summary>Gets the length of all files together in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Gets the number of extractions that were measured. A folder of fewer files gives some of them several times.</summary>
    public int Measured { get; init; }

    /// <summary>Gets the speed of one process that uses all cores of this machine, in files a second.</summary>
    public double FilesPerSecond { get; init; }

    /// <summary>Gets the share of the sample that has no features, from 0 to 1.</summary>
    public double FailureRate { get; init; }

    /// <summary>Gets the size of the feature set in bytes.</summary>
    public long SetBytes { get; init; }

    /// <summary>Gets the number of shards that a feature set of the files has by default.</summary>
    public int Shards => FeatureSetExtensions.DefaultShards(Files);

    /// <summary>Gets the number of cores of this machine.</summary>
    public int Cores { get; init; }

    /// <summary>Gets the time that one process takes for all files on this machine.</summary>
    public TimeSpan Time => TimeSpan.FromSeconds(Files / FilesPerSecond);

    /// <summary>Gets the time multiplied by the cores of this machine, in hours.</summary>
    public double CoreHours => Time.TotalHours * Cores;
}

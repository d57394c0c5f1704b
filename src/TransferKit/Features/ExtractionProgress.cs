namespace TransferKit;

/// <summary>Represents the progress of an extraction.</summary>
public readonly record struct ExtractionProgress
{
    /// <summary>Initializes the progress of an extraction.</summary>
    /// <param name="total">The number of files in the folder.</param>
    /// <param name="written">The number of files with features.</param>
    /// <param name="skipped">The number of files without features.</param>
    public ExtractionProgress(int total, int written, int skipped) => (Total, Written, Skipped) = (total, written, skipped);

    /// <summary>Gets the number of files in the folder, without hidden ones.</summary>
    public int Total { get; }

    /// <summary>Gets the number of files with features so far.</summary>
    public int Written { get; }

    /// <summary>Gets the number of files without features so far.</summary>
    public int Skipped { get; }

    /// <summary>Gets the number of processed files.</summary>
    public int Done => Written + Skipped;
}

/// <summary>Represents the result of an extraction. Every file of the folder was either written or skipped.</summary>
public sealed class ExtractionReport
{
    internal ExtractionReport(int written, IReadOnlyList<FeatureRow> skipped) => (Written, Skipped) = (written, skipped);

    /// <summary>Gets the number of files with features.</summary>
    public int Written { get; }

    /// <summary>Gets the files without features, each with its error.</summary>
    public IReadOnlyList<FeatureRow> Skipped { get; }
}

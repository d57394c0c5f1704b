namespace TransferKit;

/// <summary>How far an extraction has come.</summary>
public readonly record struct ExtractionProgress
{
    /// <summary>A state of an extraction.</summary>
    /// <param name="total">How many files the folder holds.</param>
    /// <param name="written">How many gave features.</param>
    /// <param name="skipped">How many gave none.</param>
    public ExtractionProgress(int total, int written, int skipped) => (Total, Written, Skipped) = (total, written, skipped);

    /// <summary>How many files the folder holds, hidden ones aside.</summary>
    public int Total { get; }

    /// <summary>How many gave features so far.</summary>
    public int Written { get; }

    /// <summary>How many gave none so far.</summary>
    public int Skipped { get; }

    /// <summary>How many are dealt with.</summary>
    public int Done => Written + Skipped;
}

/// <summary>What an extraction did: every file of the folder is in one of its two lists.</summary>
public sealed class ExtractionReport
{
    internal ExtractionReport(int written, IReadOnlyList<FeatureRow> skipped) => (Written, Skipped) = (written, skipped);

    /// <summary>How many files gave features.</summary>
    public int Written { get; }

    /// <summary>The files that gave none, each with its reason.</summary>
    public IReadOnlyList<FeatureRow> Skipped { get; }
}

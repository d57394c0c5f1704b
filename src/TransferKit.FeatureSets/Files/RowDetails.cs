using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Files;

/// <summary>Represents the columns of a row beside its features, as text formats hold them.</summary>
internal sealed record RowDetails
{
    public string? Path { get; init; }
    public int? Width { get; init; }
    public int? Height { get; init; }
    public string? Sha256 { get; init; }
    public long? Bytes { get; init; }
    public DateTime? Modified { get; init; }
    public string? Reason { get; init; }
    public string? Message { get; init; }

    /// <summary>Returns the row.</summary>
    /// <param name="features">The features; null for a row without.</param>
    /// <param name="shape">The shape of the features.</param>
    /// <param name="corrupt">Creates the error of a row that contradicts itself.</param>
    public FeatureRow ToRow(float[]? features, IReadOnlyList<int> shape, Func<string, Exception> corrupt)
    {
        if (string.IsNullOrEmpty(Path))
            throw corrupt("a row has no path");
        if (features is null == Reason is null)
            throw corrupt($"'{Path}' has neither features nor a reason, or both");
        var file = Bytes is not { } bytes ? null : new ImageFileDetails
        {
            Length = bytes,
            Modified = Modified is { } time ? time.ToUniversalTime() : default,
            Size = Width is { } width && Height is { } height ? new(height, width) : null,
            Sha256 = Sha256,
        };
        if (features is not null)
            return FeatureRow.Of(Path, features, shape, file);
        var reason = ReasonCodes.Parse(Reason!) ?? throw corrupt($"'{Path}' has the unknown reason '{Reason}'");
        return FeatureRow.Skipped(Path, new RecordedErrorException(reason, Message ?? ""), file);
    }
}

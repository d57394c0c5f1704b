namespace TransferKit;

/// <summary>
/// Where rows of features go. Nothing that a reader could find exists before <see cref="CompleteAsync"/>; a sink that is
/// disposed without it leaves nothing behind.
/// </summary>
public interface IFeatureSink : IAsyncDisposable
{
    /// <summary>The file that the rows become, which an extraction of its own folder leaves out; null where there is none.</summary>
    string? Target => null;

    /// <summary>Tells the dimensions of the rows before the first of them, or where there are none at all.</summary>
    /// <param name="shape">Those of each row: <c>(channels)</c> or <c>(h, w, channels)</c>.</param>
    void Begin(IReadOnlyList<int> shape)
    {
    }

    /// <summary>Takes one row that has features, in the order of the files.</summary>
    /// <param name="row">The row. Its features are good until the task ends: a sink that keeps them copies them.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    ValueTask WriteAsync(FeatureRow row, CancellationToken cancellationToken = default);

    /// <summary>Makes what was written whole and visible.</summary>
    /// <param name="cancellationToken">Stops the writing.</param>
    ValueTask CompleteAsync(CancellationToken cancellationToken = default);
}

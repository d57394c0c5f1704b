namespace TransferKit;

/// <summary>
/// Where rows of features go. Nothing that a reader could find exists before <see cref="CompleteAsync"/>; a sink that is
/// disposed without it leaves nothing behind.
/// </summary>
public interface IFeatureSink : IAsyncDisposable
{
    /// <summary>Takes one row that has features, in the order of the files.</summary>
    /// <param name="row">The row.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    ValueTask WriteAsync(FeatureRow row, CancellationToken cancellationToken = default);

    /// <summary>Makes what was written whole and visible.</summary>
    /// <param name="cancellationToken">Stops the writing.</param>
    ValueTask CompleteAsync(CancellationToken cancellationToken = default);
}

namespace TransferKit;

/// <summary>
/// Stores rows of features. The result becomes visible to readers only with <see cref="CompleteAsync"/>. A sink that is disposed
/// without it leaves nothing behind.
/// </summary>
public interface IFeatureSink : IAsyncDisposable
{
    /// <summary>Gets the path of the file that is written, which an extraction does not read; null if there is none.</summary>
    string? Target => null;

    /// <summary>Begins with the dimensions of the rows. It is called before the first row, and also if there are no rows.</summary>
    /// <param name="shape">The dimensions of each row: <c>(channels)</c> or <c>(h, w, channels)</c>.</param>
    void Begin(IReadOnlyList<int> shape)
    {
    }

    /// <summary>Writes a row with features. Rows arrive in the order of the files.</summary>
    /// <param name="row">The row. Its features are valid until the task completes; copy them to use them later.</param>
    /// <param name="cancellationToken">Token to cancel the write.</param>
    ValueTask WriteAsync(FeatureRow row, CancellationToken cancellationToken = default);

    /// <summary>Completes the result and makes it visible.</summary>
    /// <param name="cancellationToken">Token to cancel the write.</param>
    ValueTask CompleteAsync(CancellationToken cancellationToken = default);
}

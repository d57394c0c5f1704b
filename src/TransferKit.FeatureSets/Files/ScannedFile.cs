using System.Runtime.CompilerServices;

namespace TransferKit.FeatureSets.Files;

/// <summary>Represents a file that can only be read from its beginning, so that a row is found by reading those before it.</summary>
internal abstract class ScannedFile(string path) : IRowFile
{
    protected string Path { get; } = path;

    public abstract IReadOnlyList<int> Shape { get; }

    public abstract IAsyncEnumerable<FeatureRow> ReadAsync(bool reuseBuffer, CancellationToken cancellationToken);

    public virtual async IAsyncEnumerable<string> ReadPathsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in ReadAsync(reuseBuffer: true, cancellationToken).ConfigureAwait(false))
            yield return row.Path;
    }

    public async Task<FeatureRow?> FindAsync(string path, CancellationToken cancellationToken)
    {
        await foreach (var row in ReadAsync(reuseBuffer: false, cancellationToken).ConfigureAwait(false))
        {
            if (row.Path == path)
                return row;
        }
        return null;
    }

    public void Dispose()
    {
    }

    protected FeatureSetException Corrupt(string why, Exception? e = null) => new(Path, $"the file is corrupt: {why}.", e);
}

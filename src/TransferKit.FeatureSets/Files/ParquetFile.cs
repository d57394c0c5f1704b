using System.Runtime.CompilerServices;
using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Files;

/// <summary>Reads the shards of a set one after the other, or a single Parquet file with the same columns.</summary>
internal sealed class ParquetFile : IRowFile
{
    private readonly IReadOnlyList<string> _files;
    private readonly Func<string, CancellationToken, Task<RowReader>> _open;
    private readonly Dictionary<int, RowReader> _searched = [];
    private readonly SemaphoreSlim _searching = new(1);

    private ParquetFile(IReadOnlyList<string> files, IReadOnlyList<int> shape, Func<string, CancellationToken, Task<RowReader>> open) =>
        (_files, Shape, _open) = (files, shape, open);

    public IReadOnlyList<int> Shape { get; }

    public static ParquetFile Of(SetFolder set)
    {
        var shards = Enumerable.Range(0, set.Manifest.Shards).Select(set.ShardPath).ToArray();
        if (Array.Find(shards, s => !File.Exists(s)) is { } missing)
            throw new FeatureSetException(missing, "the shard is missing. The same extract command writes it.");
        return new(shards, set.Manifest.Shape, set.OpenShardAsync);
    }

    public static ParquetFile Of(string path)
    {
        using var reader = new Opened(RowReader.OpenAsync(path, CancellationToken.None));
        return new([path], reader.Rows.Shape, RowReader.OpenAsync);
    }

    public async IAsyncEnumerable<FeatureRow> ReadAsync(
        bool reuseBuffer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in _files)
        {
            await using var reader = await OpenAsync(file, cancellationToken).ConfigureAwait(false);
            await foreach (var row in reader.ReadAsync(reuseBuffer, cancellationToken).ConfigureAwait(false))
                yield return row;
        }
    }

    public async IAsyncEnumerable<string> ReadPathsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in _files)
        {
            await using var reader = await OpenAsync(file, cancellationToken).ConfigureAwait(false);
            await foreach (var row in reader.ReadFactsAsync(cancellationToken).ConfigureAwait(false))
                yield return row.Path;
        }
    }

    public async Task<FeatureRow?> FindAsync(string path, CancellationToken cancellationToken)
    {
        var shard = SetLayout.ShardOf(path, _files.Count);
        await _searching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_searched.TryGetValue(shard, out var reader))
                _searched.Add(shard, reader = await OpenAsync(_files[shard], cancellationToken).ConfigureAwait(false));
            return await reader.FindAsync(path, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _searching.Release();
        }
    }

    public void Dispose()
    {
        foreach (var reader in _searched.Values)
            new Opened(Task.FromResult(reader)).Dispose();
        _searching.Dispose();
    }

    private async Task<RowReader> OpenAsync(string file, CancellationToken cancellationToken)
    {
        var reader = await _open(file, cancellationToken).ConfigureAwait(false);
        if (reader.Shape.SequenceEqual(Shape))
            return reader;
        await reader.DisposeAsync().ConfigureAwait(false);
        throw new FeatureSetException(file, $"the features have the shape ({string.Join(", ", reader.Shape)}), not that of the set.");
    }

    // The library for Parquet has no synchronous form. Its tasks need no synchronization context.
    private readonly struct Opened(Task<RowReader> opening) : IDisposable
    {
        public RowReader Rows { get; } = opening.GetAwaiter().GetResult();

        public void Dispose() => Rows.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}

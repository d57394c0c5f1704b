using System.Numerics.Tensors;
using TransferKit.Common;
using TransferKit.FeatureSets.Extraction;
using TransferKit.FeatureSets.Files;
using TransferKit.FeatureSets.Storage;

namespace TransferKit;

/// <summary>
/// Represents stored features: the folder of a feature set, or a single file. It is thread-safe and holds few rows in memory, however
/// many there are.
/// </summary>
public sealed class FeatureSet : IDisposable
{
    private readonly IRowFile _rows;

    private FeatureSet(string path, IRowFile rows, IReadOnlyDictionary<string, string> stamp) =>
        (Path, _rows, Stamp) = (path, rows, stamp);

    /// <summary>Gets the path of the folder or file.</summary>
    public string Path { get; }

    /// <summary>Gets the dimensions of the features: <c>(channels)</c> or <c>(h, w, channels)</c>.</summary>
    public IReadOnlyList<int> Shape => _rows.Shape;

    /// <summary>Gets what determines the features, such as <c>backbone</c> and <c>weights</c>, by name; empty for a single file.</summary>
    public IReadOnlyDictionary<string, string> Stamp { get; }

    /// <summary>Opens a feature set's folder, or a file that ends in .npz, .parquet, .arrow, .csv or .jsonl.</summary>
    /// <param name="path">The path of the folder or file.</param>
    /// <exception cref="FeatureSetException">The set is incomplete or corrupt.</exception>
    /// <exception cref="FileNotFoundException">There is no such folder or file.</exception>
    /// <exception cref="ArgumentException">The file's format cannot be read.</exception>
    public static FeatureSet Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            var set = SetFolder.Open(path);
            return new(path, ParquetFile.Of(set), set.Manifest.Stamp);
        }
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no feature set '{path}'.", path);
        return new(path, OpenFile(path), new Dictionary<string, string>());
    }

    /// <summary>
    /// Reads all rows, shard by shard and in the order of paths in each, those without features included. A row's features stay valid.
    /// </summary>
    /// <param name="cancellationToken">Token to cancel reading.</param>
    /// <exception cref="FeatureSetException">A file is corrupt.</exception>
    public IAsyncEnumerable<FeatureRow> ReadAsync(CancellationToken cancellationToken = default) =>
        _rows.ReadAsync(reuseBuffer: false, cancellationToken);

    /// <summary>Reads the paths of all rows in the order of <see cref="ReadAsync"/>, without their features.</summary>
    /// <param name="cancellationToken">Token to cancel reading.</param>
    /// <exception cref="FeatureSetException">A file is corrupt.</exception>
    public IAsyncEnumerable<string> ReadNamesAsync(CancellationToken cancellationToken = default) =>
        _rows.ReadPathsAsync(cancellationToken);

    /// <summary>
    /// Finds the row of a picture. In Parquet it costs one group of rows, about 16 MB; other files are read from their beginning.
    /// </summary>
    /// <param name="name">The path of the picture as the set has it, such as <c>cats/1.jpg</c>.</param>
    /// <param name="cancellationToken">Token to cancel reading.</param>
    /// <returns>The row; null if there is none.</returns>
    /// <exception cref="FeatureSetException">A file is corrupt.</exception>
    public Task<FeatureRow?> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return _rows.FindAsync(name, cancellationToken);
    }

    /// <summary>Reads all features into memory as one tensor <c>(n, …)</c>, without the rows that have none.</summary>
    /// <param name="cancellationToken">Token to cancel reading.</param>
    /// <returns>The names of the rows, and their features.</returns>
    /// <exception cref="FeatureSetException">A file is corrupt.</exception>
    public async Task<(IReadOnlyList<string> Names, Tensor<float> Features)> ReadTensorAsync(CancellationToken cancellationToken = default)
    {
        var (names, numbers) = (new List<string>(), new List<float>());
        await foreach (var row in _rows.ReadAsync(reuseBuffer: true, cancellationToken).ConfigureAwait(false))
        {
            if (row.IsSkipped)
                continue;
            names.Add(row.Path);
            numbers.AddRange(row.Features.Span);
        }
        return (names, Tensor.Create<float>(numbers.ToArray(), [names.Count, .. Shape.Select(d => (nint)d)]));
    }

    /// <summary>
    /// Writes all rows to a file of the format that its extension names: one of <see cref="FeatureSinks.Extensions"/>. Rows without
    /// features go to formats that have a column for the reason: not to <c>.npz</c> and <c>.npy</c>.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="cancellationToken">Token to cancel writing; no incomplete file remains.</param>
    /// <returns>The number of rows that were written with features.</returns>
    /// <exception cref="OutputFormatException">The extension is unknown.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    /// <exception cref="FeatureSetException">A file of the set is corrupt.</exception>
    public async Task<long> SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        var sink = FeatureSinks.Create(path);
        await using var _ = sink.ConfigureAwait(false);
        sink.Begin(Shape);
        var written = 0L;
        await foreach (var row in _rows.ReadAsync(reuseBuffer: true, cancellationToken).ConfigureAwait(false))
        {
            if (row.IsSkipped && !sink.TakesSkipped)
                continue;
            await sink.WriteAsync(row, cancellationToken).ConfigureAwait(false);
            written += row.IsSkipped ? 0 : 1;
        }
        await sink.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return written;
    }

    /// <summary>
    /// Checks that a folder is a whole set: all shards are there, of one stamp, and each file stands once, in its shard.
    /// </summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="pictures">The pictures to compare with; null for none. Each must have a row, and each row a picture.</param>
    /// <param name="cancellationToken">Token to cancel the check.</param>
    /// <returns>The numbers of rows and failures.</returns>
    /// <exception cref="FeatureSetException">The set is incomplete or corrupt, or a picture has no row.</exception>
    public static async Task<FeatureSetReport> CheckAsync(
        string folder, ImageSource? pictures = null, CancellationToken cancellationToken = default)
    {
        var set = SetFolder.Open(folder);
        var totals = await SetMerge.CheckAsync(set, cancellationToken).ConfigureAwait(false);
        if (pictures is not null)
            await SetMerge.CompareAsync(set, pictures, cancellationToken).ConfigureAwait(false);
        return new() { Rows = totals.Rows, Failures = totals.Failures, IsComplete = set.IsComplete };
    }

    /// <summary>
    /// Checks a set that several workers wrote, as <see cref="CheckAsync"/> does, and marks it as complete by <c>_SUCCESS</c>.
    /// </summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="cancellationToken">Token to cancel the check.</param>
    /// <exception cref="FeatureSetException">The set is incomplete or corrupt.</exception>
    /// <exception cref="OutputFileException">The folder cannot be written.</exception>
    public static async Task<FeatureSetReport> MergeAsync(string folder, CancellationToken cancellationToken = default)
    {
        var totals = await SetMerge.RunAsync(SetFolder.Open(folder), cancellationToken).ConfigureAwait(false);
        return new() { Rows = totals.Rows, Failures = totals.Failures, IsComplete = true };
    }

    /// <summary>Gets the progress of each shard of a set that may be incomplete.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="cancellationToken">Token to cancel reading.</param>
    /// <exception cref="FeatureSetException">A file of the set is corrupt.</exception>
    public static async Task<IReadOnlyList<ShardStatus>> StatusAsync(string folder, CancellationToken cancellationToken = default) =>
        await SetStatus.OfAsync(SetFolder.Open(folder), cancellationToken).ConfigureAwait(false);

    /// <summary>Closes the files.</summary>
    public void Dispose() => _rows.Dispose();

    private static IRowFile OpenFile(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".npz" => new NpzFile(path),
        ".parquet" => ParquetFile.Of(path),
        ".arrow" => new ArrowFile(path),
        ".csv" => new CsvFile(path),
        ".jsonl" => new JsonLinesFile(path),
        ".npy" => throw new ArgumentException($"'{Printable.Of(path)}' has no names: an .npy file holds the features alone.", nameof(path)),
        _ => throw new ArgumentException(
            $"'{Printable.Of(path)}' is no feature set. Name its folder, or a file that ends in .npz, .parquet, .arrow, .csv or .jsonl.",
            nameof(path)),
    };
}

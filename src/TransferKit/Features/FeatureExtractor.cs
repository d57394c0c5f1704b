using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using TransferKit.Engine;
using TransferKit.Features;
using TransferKit.Imaging;

namespace TransferKit;

/// <summary>
/// Turns the images of a folder into features. Files are told by content, not by name, and go in the order of their
/// paths; every one of them, hidden ones aside, becomes a row or is reported with its reason, and so is a folder below
/// that cannot be listed. Memory stays bounded however large the folder is.
/// </summary>
public sealed class FeatureExtractor
{
    private readonly IBackbone _backbone;
    private readonly FeatureExtractorOptions _options;

    /// <summary>An extractor over a backbone, which it does not dispose.</summary>
    /// <param name="backbone">A backbone with one output.</param>
    /// <param name="options">What to read and how; Keras' defaults when left out.</param>
    /// <exception cref="ArgumentException">The backbone has several outputs.</exception>
    public FeatureExtractor(IBackbone backbone, FeatureExtractorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        if (backbone.Outputs.Count != 1)
            throw new ArgumentException($"A folder's features come from one output, and {backbone.Name} has {backbone.Outputs.Count}: load it with one layer.", nameof(backbone));
        (_backbone, _options) = (backbone, options ?? new());
    }

    /// <summary>The rows of a folder's files, read ahead and run in batches while they are consumed.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops the extraction.</param>
    /// <returns>A row for each file: with its features, or with the reason why it has none.</returns>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="NoImagesException">It holds no file but hidden ones.</exception>
    /// <exception cref="ImageDecodeException">A file is not a readable image and <see cref="OnError.Stop"/> was asked for.</exception>
    public IAsyncEnumerable<FeatureRow> ExtractAsync(
        string folder, IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default) =>
        RowsAsync(folder, FolderListing.Of(folder, _options.Recursive), areRowsLent: false, progress, cancellationToken);

    /// <summary>Extracts a folder into a sink and completes it; the sink's own file, from an earlier time, is left out.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="sink">Where the rows go; the caller disposes it.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops the extraction; the sink is then left incomplete.</param>
    /// <returns>How many files were written, and which were not and why.</returns>
    /// <inheritdoc cref="ExtractAsync(string, IProgress{ExtractionProgress}, CancellationToken)" path="/exception"/>
    public async Task<ExtractionReport> ExtractAsync(
        string folder, IFeatureSink sink, IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var (written, skipped) = (0, new List<FeatureRow>());
        var files = FolderListing.Of(folder, _options.Recursive, except: sink.Target);
        sink.Begin(_backbone.Outputs[0].Shape);
        await foreach (var row in RowsAsync(folder, files, areRowsLent: true, progress, cancellationToken).ConfigureAwait(false))
        {
            if (row.IsSkipped)
            {
                skipped.Add(row);
                continue;
            }
            await sink.WriteAsync(row, cancellationToken).ConfigureAwait(false);
            written++;
        }
        await sink.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return new(written, skipped);
    }

    /// <summary>Extracts a folder into an <c>.npz</c> file that numpy reads: arrays <c>names</c> and <c>features</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="npzPath">The file, replaced if it exists; nothing is left of an extraction that fails.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops the extraction.</param>
    /// <returns>How many files were written, and which were not and why.</returns>
    /// <inheritdoc cref="ExtractAsync(string, IProgress{ExtractionProgress}, CancellationToken)" path="/exception"/>
    public ExtractionReport Extract(
        string folder, string npzPath, IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(async () =>
        {
            var sink = new NpzSink(npzPath);
            await using (sink.ConfigureAwait(false))
                return await ExtractAsync(folder, sink, progress, cancellationToken).ConfigureAwait(false);
        }, cancellationToken).GetAwaiter().GetResult();

    /// <summary>Extracts a folder into memory.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops the extraction.</param>
    /// <returns>A row for each file by its path: with its features, or with the reason why it has none.</returns>
    /// <inheritdoc cref="ExtractAsync(string, IProgress{ExtractionProgress}, CancellationToken)" path="/exception"/>
    public IReadOnlyDictionary<string, FeatureRow> Extract(
        string folder, IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(async () =>
        {
            var rows = new OrderedDictionary<string, FeatureRow>(StringComparer.Ordinal);
            await foreach (var row in ExtractAsync(folder, progress, cancellationToken).ConfigureAwait(false))
                rows.Add(row.Path, row);
            return rows;
        }, cancellationToken).GetAwaiter().GetResult();

    /// <param name="folder">The folder.</param>
    /// <param name="files">Its files.</param>
    /// <param name="areRowsLent">Whether the features of a row are good only until the next row is asked for.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops the extraction.</param>
    private async IAsyncEnumerable<FeatureRow> RowsAsync(
        string folder, IReadOnlyList<FolderEntry> files, bool areRowsLent, IProgress<ExtractionProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (shape, images) = (_backbone.Outputs[0].Shape, (_options.Images ?? _backbone.Images).FittingTo(_backbone.InputSize));
        var rowLength = shape.Aggregate(1, (product, d) => checked(product * d));
        var sizes = new BatchSizes(_options.BatchSize, images.Length, largest: Array.MaxLength / Math.Max(rowLength, images.Length));
        using var cores = new ProcessorShare();
        var reader = new FolderReader(folder, files, images, sizes, cores, cancellationToken);
        await using var _ = reader.ConfigureAwait(false);
        var rows = new List<FeatureRow>();
        var (lent, written, skipped) = (Array.Empty<float>(), 0, 0);

        await foreach (var batch in reader.ReadAllAsync().ConfigureAwait(false))
        {
            var features = areRowsLent && batch.Images * rowLength <= lent.Length ? lent : new float[batch.Images * rowLength];
            if (areRowsLent)
                lent = features;
            await RunAsync(batch, features.AsMemory(0, batch.Images * rowLength), sizes, cores, cancellationToken).ConfigureAwait(false);
            rows.Clear();
            AddRows(rows, batch, features, rowLength, shape);
            reader.GiveBack(batch);

            foreach (var row in rows)
            {
                (written, skipped) = row.IsSkipped ? (written, skipped + 1) : (written + 1, skipped);
                if (row.IsSkipped && _options.OnError == OnError.Stop)
                    ExceptionDispatchInfo.Throw(row.Error!);
                yield return row;
            }
            progress?.Report(new(files.Count, written, skipped));
        }
    }

    private async Task RunAsync(FileBatch batch, Memory<float> features, BatchSizes sizes, ProcessorShare cores, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        if (batch.Images > 0)
            await RunAsync(batch, features, cores, cancellationToken).ConfigureAwait(false);
        sizes.Measured(batch.Count, batch.Images, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    // The thread waits for cores and then computes, so it is none of the pool's, which decode pictures meanwhile.
    private Task RunAsync(FileBatch batch, Memory<float> features, ProcessorShare cores, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            () => cores.Lend(() => _backbone.Predict(batch.Pixels.Span, features, cancellationToken)),
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void AddRows(List<FeatureRow> rows, FileBatch batch, float[] features, int rowLength, IReadOnlyList<int> shape)
    {
        var image = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            rows.Add(batch.Error(i) is { } error
                ? FeatureRow.Skipped(batch.File(i).Path, error)
                : FeatureRow.Of(batch.File(i).Path, features.AsMemory(image++ * rowLength, rowLength), shape));
        }
    }
}

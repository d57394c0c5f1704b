using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using TransferKit.Engine;
using TransferKit.Features;
using TransferKit.Imaging;

namespace TransferKit;

/// <summary>
/// Extracts the features of a folder's images. Formats are detected from the content of files, not from their names. Files are
/// processed in the order of their paths. Each file that is not hidden becomes a row with features or with an error, and so does a
/// subfolder that cannot be listed. Memory is bounded for folders of any size.
/// </summary>
public sealed class FeatureExtractor
{
    private readonly IBackbone _backbone;
    private readonly FeatureExtractorOptions _options;

    /// <summary>Initializes an extractor on a backbone, which it does not dispose.</summary>
    /// <param name="backbone">A backbone with one output.</param>
    /// <param name="options">The options to read files with. Defaults to Keras' own.</param>
    /// <exception cref="ArgumentException">The backbone has several outputs.</exception>
    public FeatureExtractor(IBackbone backbone, FeatureExtractorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        if (backbone.Outputs.Count != 1)
        {
            throw new ArgumentException(
                $"The backbone must have one output, but {backbone.Name} has {backbone.Outputs.Count}: load it with one layer.",
                nameof(backbone));
        }
        (_backbone, _options) = (backbone, options ?? new());
    }

    /// <summary>Extracts a folder row by row. Files are read ahead and run in batches while the caller consumes rows.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="progress">Progress reporter, called after each batch.</param>
    /// <param name="cancellationToken">Token to cancel the extraction.</param>
    /// <returns>A row for each file, with its features or its error.</returns>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="NoImagesException">The folder has no files other than hidden ones.</exception>
    /// <exception cref="ImageDecodeException">A file is not a readable image, and the options say <see cref="OnError.Stop"/>.</exception>
    public IAsyncEnumerable<FeatureRow> ExtractAsync(
        string folder, IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default) =>
        RowsAsync(folder, FolderListing.Of(folder, _options.Recursive), reuseBuffer: false, progress, cancellationToken);

    /// <summary>Extracts a folder into a sink and completes it. An existing file at the sink's target is not read.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="sink">The sink of the rows. The caller disposes it.</param>
    /// <param name="progress">Progress reporter, called after each batch.</param>
    /// <param name="cancellationToken">Token to cancel the extraction, which leaves the sink incomplete.</param>
    /// <returns>The number of written files, and the skipped files with their errors.</returns>
    /// <inheritdoc cref="ExtractAsync(string, IProgress{ExtractionProgress}, CancellationToken)" path="/exception"/>
    public async Task<ExtractionReport> ExtractAsync(
        string folder, IFeatureSink sink, IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var (written, skipped) = (0, new List<FeatureRow>());
        var files = FolderListing.Of(folder, _options.Recursive, except: sink.Target);
        sink.Begin(_backbone.Outputs[0].Shape);
        await foreach (var row in RowsAsync(folder, files, reuseBuffer: true, progress, cancellationToken).ConfigureAwait(false))
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

    /// <summary>Extracts a folder into a file, in the format of its extension: <see cref="FeatureSink.Create"/>.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="path">
    /// The path of the file, such as <c>features.npz</c>. An existing one is replaced, unless the extraction fails.
    /// </param>
    /// <param name="progress">Progress reporter, called after each batch.</param>
    /// <param name="cancellationToken">Token to cancel the extraction.</param>
    /// <returns>The number of written files, and the skipped files with their errors.</returns>
    /// <exception cref="OutputFormatException">The extension names no supported format; the message lists them.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    /// <inheritdoc cref="ExtractAsync(string, IProgress{ExtractionProgress}, CancellationToken)" path="/exception"/>
    public ExtractionReport Extract(
        string folder, string path, IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(async () =>
        {
            var sink = FeatureSink.Create(path);
            await using (sink.ConfigureAwait(false))
                return await ExtractAsync(folder, sink, progress, cancellationToken).ConfigureAwait(false);
        }, cancellationToken).GetAwaiter().GetResult();

    /// <summary>Extracts a folder into memory.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="progress">Progress reporter, called after each batch.</param>
    /// <param name="cancellationToken">Token to cancel the extraction.</param>
    /// <returns>A row for each file, with its features or its error, by the file's path.</returns>
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

    /// <param name="folder">The path of the folder.</param>
    /// <param name="files">The files of the folder.</param>
    /// <param name="reuseBuffer">Whether the next row may overwrite a row's features.</param>
    /// <param name="progress">Progress reporter, called after each batch.</param>
    /// <param name="cancellationToken">Token to cancel the extraction.</param>
    private async IAsyncEnumerable<FeatureRow> RowsAsync(
        string folder, IReadOnlyList<FolderEntry> files, bool reuseBuffer, IProgress<ExtractionProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (shape, images) = (_backbone.Outputs[0].Shape, (_options.Images ?? _backbone.Images).FittingTo(_backbone.InputSize));
        var rowLength = shape.Aggregate(1, (product, d) => checked(product * d));
        var sizes = new BatchSizes(_options.BatchSize, images.Length, largest: Array.MaxLength / Math.Max(rowLength, images.Length));
        using var cores = new ProcessorShare();
        var reader = new FolderReader(folder, files, images, sizes, cores, cancellationToken);
        await using var _ = reader.ConfigureAwait(false);
        var rows = new List<FeatureRow>();
        var (buffer, written, skipped) = (Array.Empty<float>(), 0, 0);

        await foreach (var batch in reader.ReadAllAsync().ConfigureAwait(false))
        {
            var features = reuseBuffer && batch.Images * rowLength <= buffer.Length ? buffer : new float[batch.Images * rowLength];
            if (reuseBuffer)
                buffer = features;
            await RunAsync(batch, features.AsMemory(0, batch.Images * rowLength), sizes, cores, cancellationToken).ConfigureAwait(false);
            rows.Clear();
            AddRows(rows, batch, features, rowLength, shape);
            reader.Return(batch);

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

    private async Task RunAsync(
        FileBatch batch, Memory<float> features, BatchSizes sizes, ProcessorShare cores, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        if (batch.Images > 0)
            await RunAsync(batch, features, cores, cancellationToken).ConfigureAwait(false);
        sizes.Measured(batch.Count, batch.Images, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    // A pool thread would be blocked while it waits for cores, and the pool's threads decode images meanwhile.
    private Task RunAsync(FileBatch batch, Memory<float> features, ProcessorShare cores, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            () => cores.RunAsCurrent(() => _backbone.Predict(batch.Pixels.Span, features, cancellationToken)),
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

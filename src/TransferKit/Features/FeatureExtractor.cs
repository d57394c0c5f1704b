using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using TransferKit.Backbones;
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
                $"The backbone must have one output, but {backbone.Name} has {backbone.Outputs.Count} "
                + $"({string.Join(", ", backbone.Outputs.Select(o => o.Layer))}): choose one with Layers (--layer).",
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
        ExtractAsync(ImageSource.Folder(folder, _options.Recursive), progress, cancellationToken);

    /// <summary>Extracts a source row by row. Files are read ahead and run in batches while the caller consumes rows.</summary>
    /// <param name="source">The source, which the caller disposes.</param>
    /// <param name="progress">Progress reporter, called after each batch.</param>
    /// <param name="cancellationToken">Token to cancel the extraction.</param>
    /// <returns>A row for each file, with its features or its error.</returns>
    /// <exception cref="ImageDecodeException">A file is not a readable image, and the options say <see cref="OnError.Stop"/>.</exception>
    public IAsyncEnumerable<FeatureRow> ExtractAsync(
        ImageSource source, IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var files = source.List(withStamps: _options.FileDetails);
        return RowsAsync(source, OneByOne(files), files.Count, reuseBuffer: false, progress, cancellationToken);
    }

    /// <summary>Extracts a folder into a sink and completes it. An existing file at the sink's target is not read.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="sink">The sink of the rows. The caller disposes it.</param>
    /// <param name="progress">Progress reporter, called after each batch.</param>
    /// <param name="cancellationToken">Token to cancel the extraction, which leaves the sink incomplete.</param>
    /// <returns>The number of written files, and the skipped files with their errors.</returns>
    /// <inheritdoc cref="ExtractAsync(string, IProgress{ExtractionProgress}, CancellationToken)" path="/exception"/>
    public Task<ExtractionReport> ExtractAsync(
        string folder, IFeatureSink sink, IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default) =>
        ExtractAsync(ImageSource.Folder(folder, _options.Recursive), sink, progress, cancellationToken);

    /// <summary>Extracts a source into a sink and completes it. An existing file at the sink's target is not read.</summary>
    /// <param name="source">The source, which the caller disposes.</param>
    /// <param name="sink">The sink of the rows. The caller disposes it.</param>
    /// <param name="progress">Progress reporter, called after each batch.</param>
    /// <param name="cancellationToken">Token to cancel the extraction, which leaves the sink incomplete.</param>
    /// <returns>The number of written files, and the skipped files with their errors.</returns>
    /// <exception cref="ImageDecodeException">A file is not a readable image, and the options say <see cref="OnError.Stop"/>.</exception>
    public async Task<ExtractionReport> ExtractAsync(
        ImageSource source, IFeatureSink sink, IProgress<ExtractionProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sink);
        var (written, skipped) = (0, new List<FeatureRow>());
        var files = source.List(except: sink.Target, withStamps: _options.FileDetails);
        sink.Begin(_backbone.Outputs[0].Shape);
        var found = RowsAsync(source, OneByOne(files), files.Count, reuseBuffer: true, progress, cancellationToken);
        await foreach (var row in found.ConfigureAwait(false))
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

    /// <summary>Extracts a folder into an <c>.npz</c> file: <see cref="NpzSink"/>.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="path">
    /// The path of the file, such as <c>features.npz</c>. An existing one is replaced, unless the extraction fails.
    /// </param>
    /// <param name="progress">Progress reporter, called after each batch.</param>
    /// <param name="cancellationToken">Token to cancel the extraction.</param>
    /// <returns>The number of written files, and the skipped files with their errors.</returns>
    /// <exception cref="OutputFormatException">The extension is not <c>.npz</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    /// <inheritdoc cref="ExtractAsync(string, IProgress{ExtractionProgress}, CancellationToken)" path="/exception"/>
    public ExtractionReport Extract(
        string folder, string path, IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(async () =>
        {
            var sink = new NpzSink(path);
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

    /// <param name="source">The source that opens the files.</param>
    /// <param name="files">The files, which may be found while earlier ones are processed; null before a long wait for the next.</param>
    /// <param name="count">The largest number of files that there can be.</param>
    /// <param name="reuseBuffer">Whether the next row may overwrite a row's features.</param>
    /// <param name="progress">Progress reporter, called after each batch.</param>
    /// <param name="cancellationToken">Token to cancel the extraction.</param>
    internal async IAsyncEnumerable<FeatureRow> RowsAsync(
        ImageSource source, IAsyncEnumerable<FolderEntry?> files, int count, bool reuseBuffer, IProgress<ExtractionProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (shape, images) = (_backbone.Outputs[0].Shape, Images.FittingTo(_backbone.InputSize));
        var rowLength = shape.Aggregate(1, (product, d) => checked(product * d));
        var most = Array.MaxLength / Math.Max(rowLength, images.Length);
        var sizes = new BatchSizes(_options.BatchSize is { } size ? WithPairs(size) : null, images.Length, largest: most);
        var capacity = WithPairs(Math.Min(sizes.Largest, count));
        using var cores = new ProcessorShare();
        var reader = new BatchReader(source, files, capacity, images, _options.FileDetails, sizes, cores, cancellationToken);
        await using var _ = reader.ConfigureAwait(false);
        var rows = new List<FeatureRow>();
        var (buffer, written, skipped) = (Array.Empty<float>(), 0, 0);

        await foreach (var batch in reader.ReadAllAsync().ConfigureAwait(false))
        {
            var run = batch.Images == 0 ? 0 : WithPairs(batch.Images);
            var features = reuseBuffer && run * rowLength <= buffer.Length ? buffer : new float[run * rowLength];
            if (reuseBuffer)
                buffer = features;
            var output = features.AsMemory(0, run * rowLength);
            var errors = await RunAsync(images, batch, run, output, sizes, cores, cancellationToken).ConfigureAwait(false);
            rows.Clear();
            AddRows(rows, batch, features, errors, rowLength, shape);
            reader.Return(batch);

            foreach (var row in rows)
            {
                (written, skipped) = row.IsSkipped ? (written, skipped + 1) : (written + 1, skipped);
                if (row.IsSkipped && _options.OnError == OnError.Stop)
                    ExceptionDispatchInfo.Throw(row.Error!);
                yield return row;
            }
            progress?.Report(new(count, written, skipped));
        }
    }

    /// <summary>Gets the backbone.</summary>
    internal IBackbone Backbone => _backbone;

    /// <summary>Gets the options.</summary>
    internal FeatureExtractorOptions Options => _options;

    /// <summary>Gets the options that files are decoded and resized with.</summary>
    internal ImageLoadOptions Images => _options.Images ?? _backbone.Images;

    private static IAsyncEnumerable<FolderEntry?> OneByOne(IReadOnlyList<FolderEntry> files) =>
        files.Select(f => (FolderEntry?)f).ToAsyncEnumerable();

    // Each core gets a pair, and the last image another beside it, whose features are not used.
    private int WithPairs(int images) =>
        _options.Reproducible ? Math.Max(2 * ProcessorShare.Processors, images + images % 2) : images;

    private async Task<EngineException?[]> RunAsync(
        ImageFitting images, FileBatch batch, int run, Memory<float> features, BatchSizes sizes, ProcessorShare cores,
        CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        EngineException?[] errors = [];
        if (batch.Images > 0)
        {
            try
            {
                await RunAsync(images, batch.Pixels(run), features, cores, cancellationToken).ConfigureAwait(false);
            }
            catch (EngineException e)
            {
                var rowLength = features.Length / run;
                errors = await RunOneByOneAsync(images, batch, features, rowLength, e, cores, cancellationToken).ConfigureAwait(false);
            }
        }
        sizes.Measured(batch.Count, batch.Images, Stopwatch.GetElapsedTime(start).TotalSeconds);
        return errors;
    }

    // One picture may be the cause. If all of several fail, the engine is, and the extraction ends.
    private async Task<EngineException?[]> RunOneByOneAsync(
        ImageFitting images, FileBatch batch, Memory<float> features, int rowLength, EngineException error, ProcessorShare cores,
        CancellationToken cancellationToken)
    {
        var errors = new EngineException?[batch.Images];
        for (var i = 0; i < errors.Length; i++)
        {
            try
            {
                var row = features.Slice(i * rowLength, rowLength);
                await RunAsync(images, batch.Image(i), row, cores, cancellationToken).ConfigureAwait(false);
            }
            catch (EngineException e)
            {
                errors[i] = e;
            }
        }
        if (errors.Length > 1 && Array.TrueForAll(errors, e => e is not null))
            ExceptionDispatchInfo.Throw(error);
        return errors;
    }

    // A pool thread would be blocked while it waits for cores, and the pool's threads decode images meanwhile.
    private Task RunAsync(
        ImageFitting images, ReadOnlyMemory<byte> pixels, Memory<float> features, ProcessorShare cores,
        CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            () => cores.RunAsCurrent(() => images.Predict(_backbone, pixels.Span, features, cancellationToken)),
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void AddRows(
        List<FeatureRow> rows, FileBatch batch, float[] features, EngineException?[] errors, int rowLength, IReadOnlyList<int> shape)
    {
        var image = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var (path, error) = (batch.File(i).Path, batch.Error(i));
            var at = error is null ? image++ : -1;
            if (at >= 0 && errors.Length > 0)
                error = errors[at];
            rows.Add(error is null
                ? FeatureRow.Of(path, features.AsMemory(at * rowLength, rowLength), shape, batch.Details(i))
                : FeatureRow.Skipped(path, error, batch.Details(i)));
        }
    }
}

using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TransferKit.Imaging;

namespace TransferKit;

/// <summary>
/// Turns the images of a folder into features. Files are told by content, not by name, and go in the order of their
/// paths; every one of them, hidden ones aside, becomes a row or is reported with its reason. Memory stays bounded
/// however large the folder is.
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
    /// <exception cref="EmptyFolderException">It holds no file but hidden ones.</exception>
    /// <exception cref="ImageDecodeException">A file is not a readable image and <see cref="OnError.Stop"/> was asked for.</exception>
    public IAsyncEnumerable<FeatureRow> ExtractAsync(
        string folder, IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var files = FolderListing.Of(folder, _options.Recursive);
        return RowsAsync(folder, files, progress, cancellationToken);
    }

    /// <summary>Extracts a folder into a sink and completes it.</summary>
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
        await foreach (var row in ExtractAsync(folder, progress, cancellationToken).ConfigureAwait(false))
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

    private async IAsyncEnumerable<FeatureRow> RowsAsync(
        string folder, IReadOnlyList<string> files, IProgress<ExtractionProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Decoding runs ahead of the engine by two batches, in the files' order.
        var ahead = Channel.CreateBounded<Task<Decoded>>(2 * Math.Max(_options.BatchSize, Environment.ProcessorCount));
        var reading = ReadAheadAsync(folder, files, ahead.Writer, stop.Token);
        var pixels = new byte[_options.BatchSize * ImageBytes];
        var (written, skipped) = (0, 0);
        try
        {
            var batch = new List<Decoded>(_options.BatchSize);
            var images = 0;
            await foreach (var task in ahead.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                var decoded = await task.ConfigureAwait(false);
                if (decoded.Image is { } image)
                    image.Pixels.Span.CopyTo(pixels.AsSpan(images++ * ImageBytes));
                batch.Add(decoded with { Image = null });
                if (images < _options.BatchSize && written + skipped + batch.Count < files.Count)
                    continue;

                foreach (var row in Run(batch, pixels.AsMemory(0, images * ImageBytes), stop.Token))
                {
                    (written, skipped) = row.IsSkipped ? (written, skipped + 1) : (written + 1, skipped);
                    if (row.IsSkipped && _options.OnError == OnError.Stop)
                        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(row.Error!);
                    yield return row;
                }
                progress?.Report(new(files.Count, written, skipped));
                batch.Clear();
                images = 0;
            }
            await reading.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private int ImageBytes => _backbone.InputSize.Height * _backbone.InputSize.Width * 3;

    private async Task ReadAheadAsync(
        string folder, IReadOnlyList<string> files, ChannelWriter<Task<Decoded>> ahead, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var file in files)
            {
                await ahead.WaitToWriteAsync(cancellationToken).ConfigureAwait(false);
                await ahead.WriteAsync(Task.Run(() => Decode(folder, file), cancellationToken), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ahead.Complete();
        }
    }

    private Decoded Decode(string folder, string file)
    {
        try
        {
            return new(file, _options.Images.Load(Path.Combine(folder, file), _backbone.InputSize), null);
        }
        catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
        {
            return new(file, null, e);
        }
    }

    private IEnumerable<FeatureRow> Run(List<Decoded> batch, ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken)
    {
        var features = pixels.IsEmpty ? null : _backbone.Predict(pixels.Span, cancellationToken);
        var n = 0;
        foreach (var file in batch)
        {
            yield return file.Error is { } error
                ? FeatureRow.Skipped(file.Path, error)
                : FeatureRow.Of(file.Path, features!.Row(n++), _backbone.Outputs[0].Shape);
        }
    }

    private readonly record struct Decoded(string Path, RgbImage? Image, Exception? Error);
}

using TransferKit.Common;
using TransferKit.FeatureSets.Extraction;
using TransferKit.FeatureSets.Storage;

namespace TransferKit;

/// <summary>Extends <see cref="FeatureExtractor"/> with feature sets: folders of shards that survive interruption.</summary>
public static class FeatureSetExtensions
{
    private const int FilesOfShard = 50_000;
    private const int LeastSample = 100;

    /// <summary>
    /// Extracts a folder into a feature set. A run that was interrupted continues, and its result has the same bytes as that of one run.
    /// Only pictures that are new, changed or missing are computed.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="pictures">The path of the folder of pictures.</param>
    /// <param name="folder">The path of the feature set's folder, which is created if it does not exist.</param>
    /// <param name="options">The options. Defaults to one process that writes all shards.</param>
    /// <param name="progress">Progress reporter, called for each file.</param>
    /// <param name="cancellationToken">Token to cancel the extraction; the next run continues.</param>
    /// <inheritdoc
    ///     cref="ExtractSetAsync(
    ///         FeatureExtractor, ImageSource, string, FeatureSetOptions?, IProgress{ExtractionProgress}?, CancellationToken)"
    ///     path="/exception"/>
    public static async Task<FeatureSetReport> ExtractSetAsync(
        this FeatureExtractor extractor, string pictures, string folder, FeatureSetOptions? options = null,
        IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        using var source = ImageSource.Folder(pictures, extractor.Options.Recursive);
        return await extractor.ExtractSetAsync(source, folder, options, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc
    ///     cref="ExtractSetAsync(
    ///         FeatureExtractor, string, string, FeatureSetOptions?, IProgress{ExtractionProgress}?, CancellationToken)"
    ///     path="/summary|/returns|/exception|/remarks"/>
    /// <param name="extractor">The extractor.</param>
    /// <param name="source">The pictures. The caller disposes the source.</param>
    /// <param name="folder">The path of the feature set's folder, which is created if it does not exist.</param>
    /// <param name="options">The options. Defaults to one process that writes all shards.</param>
    /// <param name="progress">Progress reporter, called for each file.</param>
    /// <param name="cancellationToken">Token to cancel the extraction; the next run continues.</param>
    /// <exception cref="FeatureSetChangedException">The set was begun with other options, weights or preprocessing.</exception>
    /// <exception cref="FeatureSetBusyException">Another process writes the set.</exception>
    /// <exception cref="FeatureSetException">The folder holds other files, or a corrupt shard or manifest.</exception>
    /// <exception cref="OutputFileException">The disk is full, or the folder cannot be written.</exception>
    /// <exception cref="ArgumentException">The options exclude each other, or the folder is that of the pictures.</exception>
    public static async Task<FeatureSetReport> ExtractSetAsync(
        this FeatureExtractor extractor, ImageSource source, string folder, FeatureSetOptions? options = null,
        IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return await ExtractAsync(extractor, source, folder, folder, options ?? new(), progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Extracts a source into one file, in the format that its extension names. An interrupted run continues from a hidden feature set
    /// beside the file, which is removed when the file is complete.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="source">The pictures. The caller disposes the source.</param>
    /// <param name="path">The path of the file: its extension is one of <see cref="FeatureSinks.Extensions"/>.</param>
    /// <param name="options">The options. Shards and workers do not apply to one file.</param>
    /// <param name="progress">Progress reporter, called for each file.</param>
    /// <param name="cancellationToken">Token to cancel the extraction; the next run continues.</param>
    /// <inheritdoc
    ///     cref="ExtractSetAsync(
    ///         FeatureExtractor, ImageSource, string, FeatureSetOptions?, IProgress{ExtractionProgress}?, CancellationToken)"
    ///     path="/exception"/>
    /// <exception cref="OutputFormatException">The extension is unknown.</exception>
    public static async Task<FeatureSetReport> ExtractFileAsync(
        this FeatureExtractor extractor, ImageSource source, string path, FeatureSetOptions? options = null,
        IProgress<ExtractionProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        options ??= new();
        if (options is not { Worker: null, Claim: false, Shards: null })
        {
            throw new ArgumentException(
                $"Only a feature set, which is a folder, has shards and workers, and '{path}' is a file.", nameof(options));
        }
        var work = FeatureSinks.WorkPath(path);
        try
        {
            var report = await ExtractAsync(extractor, source, work, path, options with { Shards = 1 }, progress, cancellationToken)
                .ConfigureAwait(false);
            using (var set = FeatureSet.Open(work))
                await set.SaveAsync(path, cancellationToken).ConfigureAwait(false);
            Directory.Delete(work, recursive: true);
            return report;
        }
        catch (Exception e) when (e is not FeatureSetBusyException && !SetFolder.HasRows(work))
        {
            Folders.TryDelete(work);
            throw;
        }
    }

    /// <summary>
    /// Estimates what the extraction of a source into a feature set costs on machines like this one. A sample of the files is extracted,
    /// and nothing is written.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="source">The pictures. The caller disposes the source.</param>
    /// <param name="sample">The number of files to measure, at least 100. Defaults to 500. About as many are read to warm up.</param>
    /// <param name="cancellationToken">Token to cancel the measurement.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sample is less than 100 files.</exception>
    /// <exception cref="NoImagesException">The source has no files.</exception>
    public static Task<ExtractionEstimate> EstimateAsync(
        this FeatureExtractor extractor, ImageSource source, int sample = 500, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(source);
        if (sample < LeastSample)
        {
            throw new ArgumentOutOfRangeException(
                nameof(sample), sample, $"The sample has {sample} files; a useful estimate needs at least {LeastSample}.");
        }
        return ExtractionSample.MeasureAsync(ForSets(extractor), source, source.List(withStamps: true), sample, cancellationToken);
    }

    /// <summary>Returns the number of shards of a new set.</summary>
    /// <param name="files">The number of files.</param>
    internal static int DefaultShards(long files) => (int)(1 + (files - 1) / FilesOfShard);

    // All that a row records must be learned while its file is read.
    private static FeatureExtractor ForSets(FeatureExtractor extractor) =>
        new(extractor.Backbone, extractor.Options with { FileDetails = true, Reproducible = true });

    private static async Task<FeatureSetReport> ExtractAsync(
        FeatureExtractor extractor, ImageSource source, string folder, string except, FeatureSetOptions options,
        IProgress<ExtractionProgress>? progress, CancellationToken cancellationToken)
    {
        if (options is { Claim: true, Worker: not null })
            throw new ArgumentException("A worker of a number claims no shards. Use either Worker or Claim.", nameof(options));
        if (Path.GetFullPath(source.Name).TrimEnd('/', '\\') == Path.GetFullPath(folder).TrimEnd('/', '\\'))
            throw new ArgumentException($"The feature set cannot be in the folder of the pictures, '{folder}'.", nameof(folder));
        var detailed = ForSets(extractor);
        var files = source.List(except: Path.GetFullPath(except), withStamps: true);
        var shards = Math.Max(DefaultShards(files.Count), options.Worker?.Count ?? 1);
        var set = SetFolder.OpenOrCreate(folder, Manifest, options.Shards, shards, options.Restart);
        WorkerCount.Check(set, options.Worker);
        var extraction = new SetExtraction(detailed, source, files, set, options, progress);
        var report = await extraction.RunAsync(cancellationToken).ConfigureAwait(false);
        // Which of several workers is the last is not known to it; merging is a command of its own then. A set that is complete has been
        // compared with the files, and no shard was written since.
        if (options.Worker is null && !set.IsComplete)
            await SetMerge.RunAsync(set, cancellationToken).ConfigureAwait(false);
        return report with { IsComplete = options.Worker is null };

        SetManifest Manifest(int count) => new()
        {
            Shards = count,
            Shape = [.. extractor.Backbone.Outputs[0].Shape],
            Stamp = SetStamp.Of(extractor.Backbone, detailed.Images),
        };
    }
}

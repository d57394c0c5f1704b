using TransferKit.Analysis.Features;
using TransferKit.Analysis.Similarity;
using TransferKit.Common;

namespace TransferKit;

/// <content>Builds an index that is larger than memory.</content>
public sealed partial class FeatureIndex
{
    /// <summary>
    /// Builds an index as a file from a feature set, row by row, and opens it as <see cref="Open(string)"/> does. Memory holds the names
    /// and one block of rows. The set is read twice: codes are of rows minus the mean.
    /// </summary>
    /// <param name="set">The set. Rows without features are left out.</param>
    /// <param name="path">The path of the file. An existing one is replaced.</param>
    /// <param name="metric">The metric. Defaults to the cosine.</param>
    /// <param name="progress">Progress reporter for the number of rows read, twice that of the set in the end.</param>
    /// <param name="cancellationToken">Token to cancel the computation; no incomplete file remains.</param>
    /// <exception cref="FeatureSetException">A file of the set is corrupt.</exception>
    /// <exception cref="FeatureDataException">There are no features, one is NaN or infinite, or the set changed meanwhile.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public static async Task<FeatureIndex> BuildAsync(
        FeatureSet set, string path, SimilarityMetric metric = SimilarityMetric.Cosine, IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        var target = OutputTarget.OfWritable(path);
        using var file = new AtomicFile(target);
        await SetRows.UnchangedAsync(set, async () =>
        {
            var (names, mean) = (new List<string>(), new Quantizer.MeanOfRows(metric));
            await foreach (var row in SetRows.ReadAsync(set, cancellationToken).ConfigureAwait(false))
            {
                names.Add(row.Path);
                mean.Add(row.Features.Span);
                progress?.Report(names.Count);
            }
            FeatureTable.ThrowIfEmpty(names.Count);
            var quantizer = new Quantizer(metric, mean.ToArray());
            using var stream = file.Create();
            var writer = new IndexWriter(stream, HeaderBytes, quantizer, names.Count);
            await foreach (var row in SetRows.ReadAsync(set, cancellationToken).ConfigureAwait(false))
            {
                if (writer.Count == names.Count)
                    throw SetRows.Changed(set.Path, null);
                Writing(() => writer.Add(row.Features.Span));
                progress?.Report(names.Count + writer.Count);
            }
            if (writer.Count < names.Count)
                throw SetRows.Changed(set.Path, null);
            Writing(() =>
            {
                writer.Complete();
                var details = Details(metric, names, set.Stamp);
                stream.Write(Header(names.Count, quantizer.Mean.Length, details.Length));
                stream.Position = HeaderBytes + IndexData.Bytes(names.Count, quantizer.Mean.Length);
                stream.Write(details);
                stream.Flush(flushToDisk: true);
            });
            return true;
        }, file.TemporaryPath, target.File).ConfigureAwait(false);
        Writing(file.Commit);
        return Open(path);

        void Writing(Action write) => OutputFileException.Wrapping(target.Path, write, file.TemporaryPath);
    }
}

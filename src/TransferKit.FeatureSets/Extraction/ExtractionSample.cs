using System.Diagnostics;
using TransferKit.Imaging;

namespace TransferKit.FeatureSets.Extraction;

/// <summary>Extracts a sample of files and measures its time.</summary>
internal static class ExtractionSample
{
    // The first batches compile code, allocate memory and choose a size. After the last ones the engine waits for no file any more.
    private const int FilesBeforeEachCore = 96;
    private const int FilesAfterEachCore = 32;

    // The columns of a row beside its features: path, hash, size and time.
    private const int BytesOfRow = 140;

    /// <param name="extractor">The extractor, as a feature set uses it.</param>
    /// <param name="source">The source of the files.</param>
    /// <param name="files">All files with their stamps, in the order of their paths.</param>
    /// <param name="count">The number of files to measure.</param>
    /// <param name="cancellationToken">Token to cancel the measurement.</param>
    public static async Task<ExtractionEstimate> MeasureAsync(
        FeatureExtractor extractor, ImageSource source, IReadOnlyList<FolderEntry> files, int count, CancellationToken cancellationToken)
    {
        var before = FilesBeforeEachCore * Environment.ProcessorCount;
        FolderEntry[] sample =
        [
            .. Drawn(files, before, seed: 1), .. Drawn(files, count, seed: 2),
            .. Drawn(files, FilesAfterEachCore * Environment.ProcessorCount, seed: 3),
        ];
        var clock = new BatchClock(before, before + count);
        var failures = 0;
        var entries = sample.Select(f => (FolderEntry?)f).ToAsyncEnumerable();
        var rows = extractor.RowsAsync(source, entries, sample.Length, reuseBuffer: true, clock, cancellationToken);
        await foreach (var row in rows.ConfigureAwait(false))
            failures += row.IsSkipped ? 1 : 0;
        var length = extractor.Backbone.Outputs[0].Shape.Aggregate(1L, (product, d) => product * d);
        var rate = failures / (double)sample.Length;
        return new()
        {
            Files = files.Count,
            Bytes = files.Sum(f => f.Stamp?.Length ?? 0),
            Measured = clock.Files,
            FilesPerSecond = clock.Files / clock.Time.TotalSeconds,
            FailureRate = rate,
            SetBytes = (long)(files.Count * (BytesOfRow + (1 - rate) * length * sizeof(float))),
            Cores = Environment.ProcessorCount,
        };
    }

    // Neighbours in a folder are often alike, so each of as many equal parts of the list gives one file.
    private static IEnumerable<FolderEntry> Drawn(IReadOnlyList<FolderEntry> files, int count, int seed)
    {
        var random = new Random(seed);
        for (var i = 0L; i < count; i++)
        {
            var (from, to) = (i * files.Count / count, (i + 1) * files.Count / count);
            yield return files[(int)random.NextInt64(from, Math.Max(from + 1, to))];
        }
    }

    /// <summary>Takes the time from the end of the first batch after some files to the end of a later batch.</summary>
    private sealed class BatchClock(int from, int to) : IProgress<ExtractionProgress>
    {
        private (int Files, long Time)? _begin;
        private (int Files, long Time) _end;

        public int Files => _end.Files - _begin!.Value.Files;

        public TimeSpan Time => Stopwatch.GetElapsedTime(_begin!.Value.Time, _end.Time);

        public void Report(ExtractionProgress value)
        {
            var now = (value.Done, Stopwatch.GetTimestamp());
            if (value.Done >= from)
                _begin ??= now;
            if (_end.Files < to)
                _end = now;
        }
    }
}

using TransferKit.Analysis.Checking;
using TransferKit.Analysis.Features;
using TransferKit.Analysis.Pictures;
using TransferKit.Analysis.Similarity;

namespace TransferKit;

/// <summary>
/// Checks a data set: copies, leaks into the test, labels, outliers, and pictures that are unreadable, tiny, blank, blurred or of an odd
/// shape. It changes no file.
/// </summary>
public static class DataCheck
{
    /// <summary>Checks the pictures of a folder that has a subfolder for each class.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="backbone">The backbone for the features. Bilinear resizing serves best, because it sees sizes alike.</param>
    /// <param name="options">The options. Defaults to no test pictures.</param>
    /// <param name="progress">Progress reporter.</param>
    /// <param name="cancellationToken">Token to cancel the check.</param>
    /// <exception cref="DirectoryNotFoundException">A folder does not exist.</exception>
    /// <exception cref="NoImagesException">A folder has no files.</exception>
    /// <exception cref="ArgumentException">One of the folders is in another one.</exception>
    /// <exception cref="FeatureSetChangedException">A feature set was extracted by another backbone or from other pixels.</exception>
    public static async Task<DataReport> RunAsync(
        string folder, IBackbone backbone, DataCheckOptions? options = null, IProgress<DataCheckProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(backbone);
        options ??= new();
        ThrowIfNested(folder, options);
        var reading = new PictureReading(backbone.Images, progress, cancellationToken);
        reading.Add(folder, isTest: false);
        if (options.TestFolder is not null)
            reading.Add(options.TestFolder, isTest: true);
        await Task.Run(reading.Run, cancellationToken).ConfigureAwait(false);

        var table = await FeaturesAsync(folder, options.Features).ConfigureAwait(false);
        var tests = options.TestFolder is null ? null : await FeaturesAsync(options.TestFolder, options.TestFeatures).ConfigureAwait(false);
        var places = reading.Pictures.Index().ToDictionary(p => (p.Item.IsTest, p.Item.Name), p => p.Index);
        // A picture may have appeared or become readable since it was read.
        int[] rows = [.. Names(table, isTest: false), .. Names(tests, isTest: true)];
        var features = table is null ? tests : tests is null ? table : table.Join(tests);
        return await Task.Run(() => Judge(reading.Pictures, reading.Findings, features, rows, options, progress, cancellationToken),
            cancellationToken).ConfigureAwait(false);

        IEnumerable<int> Names(FeatureTable? features, bool isTest) => features?.Names.Select(name =>
            places.TryGetValue((isTest, name), out var place) ? place : throw new FeatureDataException(
                FeatureDataError.Changed, $"'{name}' appeared while the pictures were checked. Check them again.")) ?? [];

        async Task<FeatureTable?> FeaturesAsync(string pictures, string? set)
        {
            if (!reading.HasReadable(pictures))
                return null;
            var extractor = new FeatureExtractor(backbone, new() { Recursive = true });
            var extracting = progress is null
                ? null
                : new Relay<ExtractionProgress>(p => progress.Report(new(DataCheckStep.Extracting, p.Done, p.Total)));
            if (set is null)
            {
                var rows = new List<FeatureRow>();
                await foreach (var row in extractor.ExtractAsync(pictures, extracting, cancellationToken).ConfigureAwait(false))
                    rows.Add(row);
                return FeatureTable.Of(rows, backbone);
            }
            await extractor.ExtractSetAsync(pictures, set, null, extracting, cancellationToken).ConfigureAwait(false);
            using var stored = FeatureSet.Open(set);
            return await FeatureTable.ReadAsync(stored, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Checks features without their pictures: near duplicates, labels, outliers and imbalance.</summary>
    /// <param name="features">The features.</param>
    /// <param name="labels">The label of each row. Defaults to the first folder of its name.</param>
    /// <param name="options">The options; those of pictures have no effect.</param>
    /// <param name="progress">Progress reporter.</param>
    /// <param name="cancellationToken">Token to cancel the check.</param>
    /// <exception cref="ArgumentException">There are not as many labels as rows.</exception>
    public static DataReport Run(
        FeatureTable features, IReadOnlyList<string>? labels = null, DataCheckOptions? options = null,
        IProgress<DataCheckProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (labels is not null && labels.Count != features.Count)
            throw new ArgumentException($"There are {labels.Count} labels for {features.Count} rows.", nameof(labels));
        CheckedPicture[] pictures =
        [
            .. features.Names.Select((name, i) => new CheckedPicture { Name = name, Label = labels?[i] ?? FeatureTable.FolderOf(name) }),
        ];
        return Judge(
            pictures, [], features, [.. Enumerable.Range(0, features.Count)], options ?? new(), progress, cancellationToken);
    }

    private static DataReport Judge(
        IReadOnlyList<CheckedPicture> pictures, IEnumerable<DataFinding> unreadable, FeatureTable? features, int[] rows,
        DataCheckOptions options, IProgress<DataCheckProgress>? progress, CancellationToken cancellationToken)
    {
        List<DataFinding> findings = [.. unreadable, .. pictures.SelectMany(p => PictureChecks.Quality(p, options))];
        findings.AddRange(PictureChecks.Imbalance(pictures, options));
        var copies = new Copies(pictures, options);
        copies.AddExact();
        string? omitted = "Features were not compared: no picture can be read.";
        if (features is not null)
        {
            var comparing = Of<int>(DataCheckStep.Comparing, done => (done, features.Count));
            var graph = NeighbourGraph.Of(features, comparing, cancellationToken);
            copies.AddNear(graph, rows, cancellationToken);
            findings.AddRange(FeatureChecks.Outliers(graph, pictures, rows, options));
            var learning = Of<double>(DataCheckStep.Learning, done => ((int)(100 * done), 100));
            (var wrong, omitted) = FeatureChecks.WrongLabels(features, pictures, rows, learning, cancellationToken);
            findings.AddRange(wrong);
        }
        findings.AddRange(copies.Findings);
        return new(
            [.. findings.OrderBy(f => f.Kind).ThenByDescending(f => f.Score).ThenBy(f => f.Path, StringComparer.Ordinal)],
            pictures.Count, omitted is null ? [] : [omitted]);

        Relay<T>? Of<T>(DataCheckStep step, Func<T, (int Done, int Total)> of) => progress is null ? null : new(value =>
        {
            var (done, total) = of(value);
            progress.Report(new(step, done, total));
        });
    }

    // A folder within another would be read twice, and its pictures be copies of themselves.
    private static void ThrowIfNested(string folder, DataCheckOptions options)
    {
        string[] folders = [.. new[] { folder, options.TestFolder, options.Features, options.TestFeatures }.OfType<string>()];
        foreach (var (i, outer) in folders.Index())
        {
            foreach (var inner in folders.Where((_, j) => j != i))
            {
                if (PathNesting.IsWithin(outer, inner))
                {
                    throw new ArgumentException(
                        $"'{inner}' is in '{outer}'. Pictures to learn from, those to test with and their features need folders beside "
                        + "each other.", nameof(options));
                }
            }
        }
    }
}

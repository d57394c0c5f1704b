using System.Numerics.Tensors;
using TransferKit.Analysis.Features;
using TransferKit.PublicApi.Tests;

namespace TransferKit.Analysis.Tests.Similarity;

public sealed class FeatureIndexTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<SimilarityMetric, int, double> Kinds
    {
        get
        {
            var kinds = new TheoryData<SimilarityMetric, int, double>();
            foreach (var metric in Enum.GetValues<SimilarityMetric>())
            {
                foreach (var dimensions in new[] { 1, 31, 64, 100 })
                {
                    kinds.Add(metric, dimensions, 0);
                    kinds.Add(metric, dimensions, 3);
                }
            }
            return kinds;
        }
    }

    // An offset gives all vectors nearly the same direction, as features of a network have.
    [Theory, MemberData(nameof(Kinds))]
    public void The_answer_is_that_of_comparing_all_floats(SimilarityMetric metric, int dimensions, double offset)
    {
        var table = Draw(10_000, dimensions, offset, seed: 1);
        var queries = Draw(7, dimensions, offset, seed: 2);
        using var index = FeatureIndex.Build(table, metric);

        var found = index.Search(queries, 12, TestContext.Current.CancellationToken);

        for (var q = 0; q < queries.Count; q++)
        {
            Assert.Equal(Nearest(table, queries[q], metric, 12), found[q]);
            Assert.Equal(found[q], index.Search(queries[q], 12, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void Equal_rows_and_rows_of_zeros_come_in_their_order()
    {
        var table = FeatureTable.Of(["a", "b", "c", "d"], new float[] { 0, 0, 1, 2, 2, 4, 0, 0 });
        using var cosine = FeatureIndex.Build(table);
        using var distance = FeatureIndex.Build(table, SimilarityMetric.Euclidean);

        Assert.Equal(["b", "c", "a", "d"], cosine.Search([1, 2], 9).Select(n => n.Name));
        Assert.Equal(["a", "d", "b", "c"], distance.Search([0, 0], 9).Select(n => n.Name));
        Assert.Equal([0, 0, 0, 0], cosine.Search([0, 0]).Select(n => n.Score));
    }

    [Fact]
    public void A_saved_index_is_mapped_and_answers_alike()
    {
        var path = _folder.File("photos.index");
        var table = Draw(500, 40, 1, seed: 3);
        using var built = FeatureIndex.Build(table, SimilarityMetric.Euclidean);
        built.Save(path);
        using (var opened = FeatureIndex.Open(path))
        {
            Assert.Equal((500, 40, SimilarityMetric.Euclidean), (opened.Count, opened.Dimensions, opened.Metric));
            Assert.Equal(built.Search(table, 5).SelectMany(n => n), opened.Search(table, 5).SelectMany(n => n));
        }
        var whole = File.ReadAllBytes(path);
        byte[] miscounted = [.. whole[..8], 255, 255, 255, 255, .. whole[12..]];
        foreach (var damaged in new byte[][] { [], whole[..40], whole[..^1], [.. whole, 0], miscounted })
        {
            File.WriteAllBytes(path, damaged);
            Assert.Throws<TrainedModelException>(() => FeatureIndex.Open(path));
        }
    }

    [Fact]
    public async Task An_index_built_from_a_set_is_the_file_that_the_index_of_its_table_saves()
    {
        var table = Draw(700, 40, 1, seed: 4);
        using var set = await SetAsync(table);
        using var built = FeatureIndex.Build(table);
        built.Save(_folder.File("saved.index"));

        using var streamed = await FeatureIndex.BuildAsync(
            set, _folder.File("streamed.index"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(File.ReadAllBytes(_folder.File("saved.index")), File.ReadAllBytes(_folder.File("streamed.index")));
        Assert.Equal(built.Search(table, 5).SelectMany(n => n), streamed.Search(table, 5).SelectMany(n => n));
        Assert.Equal(table.Names, streamed.Features.Names);
        Assert.Equal(table[699], streamed.Features[699]);
        Assert.Same(table, built.Features);

        var mapped = streamed.Features;
        streamed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => mapped[0].Length);
    }

    [Fact]
    public async Task A_set_that_changes_while_an_index_is_built_leaves_no_file()
    {
        using var set = await SetAsync(Draw(300, 4, 0, seed: 5));

        var changed = await Assert.ThrowsAsync<FeatureDataException>(() => FeatureIndex.BuildAsync(
            set, _folder.File("x.index"), progress: new Relay<int>(row =>
            {
                if (row == 400)
                    File.SetLastWriteTimeUtc(set.Path, DateTime.UnixEpoch);
            })));

        Assert.Equal(FeatureDataError.Changed, changed.Error);
        Assert.Equal([_folder.File("set.npz")], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_query_of_another_length_or_origin_is_refused()
    {
        using var index = FeatureIndex.Build(FeatureTable.Of(["a"], new float[] { 1, 2 }, Stamp("resnet50")));

        Assert.Throws<ArgumentException>(() => index.Search([1, 2, 3]));
        Assert.Throws<ArgumentException>(() => index.Search([1, float.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Search([1, 2], 0));
        var mixed = Assert.Throws<FeatureDataException>(() => index.Search(FeatureTable.Of(["q"], new float[] { 1, 2 }, Stamp("vgg16"))));
        Assert.Equal(FeatureDataError.MixedStamps, mixed.Error);

        static Dictionary<string, string> Stamp(string backbone) => new() { ["backbone"] = backbone };
    }

    public void Dispose() => _folder.Dispose();

    private async Task<FeatureSet> SetAsync(FeatureTable table)
    {
        var path = _folder.File("set.npz");
        await using (var sink = FeatureSinks.Create(path))
        {
            sink.Begin([table.Dimensions]);
            for (var row = 0; row < table.Count; row++)
                await sink.WriteAsync(FeatureRow.Of(table.Names[row], table[row].ToArray(), [table.Dimensions]));
            await sink.CompleteAsync();
        }
        return FeatureSet.Open(path);
    }

    private static FeatureTable Draw(int count, int dimensions, double offset, int seed)
    {
        var random = new Random(seed);
        float[] numbers = [.. Enumerable.Range(0, count * dimensions).Select(_ => (float)(offset + random.NextDouble() - 0.5))];
        return FeatureTable.Of([.. Enumerable.Range(0, count).Select(i => $"{i}.jpg")], numbers);
    }

    private static IEnumerable<Neighbour> Nearest(FeatureTable table, ReadOnlySpan<float> query, SimilarityMetric metric, int count)
    {
        var (all, sign) = (new List<Neighbour>(), metric == SimilarityMetric.Cosine ? -1 : 1);
        for (var row = 0; row < table.Count; row++)
        {
            var score = metric == SimilarityMetric.Cosine
                ? TensorPrimitives.CosineSimilarity(query, table[row])
                : TensorPrimitives.Distance(query, table[row]);
            all.Add(new(row, table.Names[row], score));
        }
        return all.OrderBy(n => sign * n.Score).ThenBy(n => n.Row).Take(count);
    }
}

using System.Numerics.Tensors;
using TransferKit.Analysis.Tests.Classifiers;

namespace TransferKit.Analysis.Tests.Maps;

public class FeatureMapTests
{
    [Fact]
    public void Beyond_the_limit_a_sample_by_seed_is_shown()
    {
        var first = Compute(7);
        var again = Compute(7);
        var other = Compute(8);

        Assert.Equal((50, 899), (first.Count, first.TotalCount));
        Assert.Equal("50 of 899 pictures", first.ToString());
        Assert.Equal(50, first.Names.Intersect(Digits.Test.Names).Count());
        Assert.Equal(first.Names, again.Names);
        Assert.NotEqual(first.Names, other.Names);
        Assert.Equal(first.Clusters, again.Clusters);
        Assert.Null(first.Tsne);
        Assert.Null(first.KlDivergence);

        static FeatureMap Compute(int seed) => FeatureMap.Compute(Digits.Test, new() { Limit = 50, Seed = seed, Tsne = false });
    }

    [Fact]
    public void Neighbours_are_those_of_the_index_without_the_picture_itself()
    {
        var map = FeatureMap.Compute(Digits.Test, new() { Tsne = false, Neighbours = 5 });
        using var index = FeatureIndex.Build(Digits.Test);

        foreach (var row in new[] { 0, 300, 898 })
            Assert.Equal(index.Search(Digits.Test[row], 6).Where(n => n.Row != row), map.NeighboursOf(row));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.NeighboursOf(899));
    }

    [Fact]
    public void Clusters_apart_are_found_and_the_largest_is_the_first()
    {
        var random = new Random(1);
        int[] kinds = [.. Enumerable.Range(0, 60).Select(i => i < 30 ? 2 : i < 50 ? 0 : 1)];
        float[] features = [.. kinds.SelectMany(k => Enumerable.Range(0, 4).Select(d => (d == k ? 10 : 0) + random.NextSingle()))];

        var map = FeatureMap.Compute(MapGolden.Table(features, 4), new() { Clusters = 3, Perplexity = 5 });

        Assert.Equal(kinds.Select(k => k switch { 2 => 0, 0 => 1, _ => 2 }), map.Clusters);
        // t-SNE keeps them apart: between clusters lies more than within them.
        var centres = Enumerable.Range(0, 3).Select(c => Centre(map, c)).ToArray();
        for (var i = 0; i < map.Count; i++)
            Assert.Equal(map.Clusters[i], Array.IndexOf(centres, centres.MinBy(c => Distance(c, map.Tsne![i]))));

        static MapPoint Centre(FeatureMap map, int cluster)
        {
            var own = map.Tsne!.Where((_, i) => map.Clusters[i] == cluster).ToArray();
            return new(own.Average(p => p.X), own.Average(p => p.Y));
        }

        static float Distance(MapPoint a, MapPoint b) => TensorPrimitives.Distance([a.X, a.Y], [b.X, b.Y]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    public void A_few_pictures_have_a_map(int count)
    {
        var map = FeatureMap.Compute(MapGolden.Table([.. Enumerable.Range(0, count * 3).Select(i => i * i % 7f)], 3));

        Assert.Equal(count, map.Pca.Count);
        Assert.Equal(count >= 4, map.Tsne is not null);
        Assert.Equal(count - 1, map.NeighboursOf(0).Count);
        Assert.All(map.Pca.Concat(map.Tsne ?? []), p => Assert.True(float.IsFinite(p.X) && float.IsFinite(p.Y)));
    }

    [Fact]
    public void Equal_pictures_are_one_cluster_and_have_finite_places()
    {
        var map = FeatureMap.Compute(MapGolden.Table([.. Enumerable.Repeat(2f, 60 * 5)], 5));

        Assert.All(map.Clusters, cluster => Assert.Equal(0, cluster));
        Assert.All(map.Pca.Concat(map.Tsne!), p => Assert.True(float.IsFinite(p.X) && float.IsFinite(p.Y)));
        Assert.All(Enumerable.Range(0, 60), row => Assert.DoesNotContain(map.NeighboursOf(row), n => n.Row == row));
    }

    [Theory]
    [InlineData(1e30f)]
    [InlineData(1e-30f)]
    public void Very_large_and_very_small_features_have_the_same_map(float factor)
    {
        var some = Digits.Test.Of(name => name[0] is '0' or '1');
        float[] features = [.. Enumerable.Range(0, some.Count).SelectMany(i => some[i].ToArray()).Select(f => f * factor)];

        var (usual, scaled) = (FeatureMap.Compute(some), FeatureMap.Compute(FeatureTable.Of(some.Names, features)));

        Assert.Equal(usual.Clusters, scaled.Clusters);
        Assert.Equal(usual.KlDivergence!.Value, scaled.KlDivergence!.Value, 0.02);
        Assert.Equal(usual.ExplainedVariance[0], scaled.ExplainedVariance[0], 1e-5);
    }

    [Fact]
    public void Features_without_rows_or_with_NaN_and_options_out_of_range_are_refused()
    {
        Assert.Equal(FeatureDataError.Empty, Assert.Throws<FeatureDataException>(() => FeatureTable.Of([], Array.Empty<float>())).Error);
        var nan = Assert.Throws<FeatureDataException>(() => MapGolden.Table([1, 2, float.NaN, 4], 2));
        Assert.Contains("'1.png'", nan.Message);
        Assert.Throws<ArgumentNullException>(() => FeatureMap.Compute(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureMapOptions { Limit = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureMapOptions { Limit = 50_001 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureMapOptions { Clusters = 65 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureMapOptions { Neighbours = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureMapOptions { Perplexity = double.NaN });
    }

    [Fact]
    public void Progress_rises_to_one_and_cancellation_ends_the_computation()
    {
        var some = Digits.Test.Of(name => name[0] == '4');
        var reports = new List<double>();
        FeatureMap.Compute(some, progress: new Told(reports.Add));

        Assert.Equal(reports.Order(), reports);
        Assert.Equal(1, reports[^1]);
        Assert.True(reports.Count > 10);

        // Each of the parts can be cancelled.
        foreach (var begun in new[] { 0.0, 0.15, 0.25, 0.6 })
        {
            using var source = new CancellationTokenSource();
            var told = new Told(done =>
            {
                if (done >= begun)
                    source.Cancel();
            });
            Assert.ThrowsAny<OperationCanceledException>(() => FeatureMap.Compute(some, progress: told, cancellationToken: source.Token));
        }
    }

    private sealed class Told(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}

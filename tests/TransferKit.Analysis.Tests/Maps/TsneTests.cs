using TransferKit.Analysis.Maps;
using TransferKit.Analysis.Tests.Classifiers;

namespace TransferKit.Analysis.Tests.Maps;

/// <summary>Compares with scikit-learn's TSNE in <c>tests/goldens/analysis/map.json</c>.</summary>
public class TsneTests
{
    [Fact]
    public void Joint_probabilities_are_those_of_scikit_learn()
    {
        var golden = MapGolden.All.Affinities;
        var joint = Small(out _);

        Assert.Equal(golden.Columns, joint.Columns);
        var rows = Enumerable.Range(0, joint.Count).SelectMany(r => Enumerable.Repeat(r, joint.Starts[r + 1] - joint.Starts[r]));
        Assert.Equal(golden.Rows, rows);
        for (var i = 0; i < golden.Values.Length; i++)
            Assert.Equal(golden.Values[i], joint.Values[i], 1e-5 * golden.Values.Max());
    }

    [Theory]
    [InlineData(0, 1e-7)]
    [InlineData(0.5, 0.1)]
    public void The_gradient_is_the_slope_of_the_divergence(double angle, double tolerance)
    {
        var (joint, random) = (Small(out var count), new Random(1));
        double[] x = [.. Enumerable.Range(0, count).Select(_ => 10 * random.NextDouble())];
        double[] y = [.. Enumerable.Range(0, count).Select(_ => 10 * random.NextDouble())];
        var tsne = new Tsne(joint, x, y, angle);

        tsne.ComputeGradient(1);

        var scale = tsne.GradientX.Max(Math.Abs);
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(Slope(joint, x, y, x, i), tsne.GradientX[i], tolerance * scale);
            Assert.Equal(Slope(joint, x, y, y, i), tsne.GradientY[i], tolerance * scale);
        }
        if (angle == 0)
            Assert.Equal(Divergence(joint, x, y), tsne.Divergence(), 1e-9);
    }

    [Fact]
    public void Digits_reach_the_divergence_of_scikit_learn_and_lie_among_their_own_kind()
    {
        var golden = MapGolden.All.Tsne;
        var map = FeatureMap.Compute(Digits.Train, cancellationToken: TestContext.Current.CancellationToken);
        var labels = Digits.Train.LabelsByFolder();

        var own = map.Tsne!.Select((p, i) => labels[i] == labels[Nearest(map.Tsne!, p, i)]).Count(same => same);

        Assert.InRange(map.KlDivergence!.Value, 0, 1.03 * golden.Divergence);
        Assert.InRange((double)own / map.Count, golden.SameLabel - 0.01, 1);
    }

    [Fact]
    public void Equal_seeds_give_equal_points_and_others_do_not()
    {
        var some = Digits.Test.Of(name => name[0] is '3' or '8');
        var (first, again, other) = (Points(some, 1), Points(some, 1), Points(some, 2));

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);

        static IReadOnlyList<MapPoint> Points(FeatureTable table, int seed) => FeatureMap.Compute(table, new() { Seed = seed }).Tsne!;
    }

    private static Affinities Small(out int count)
    {
        var golden = MapGolden.All.Affinities;
        var table = MapGolden.Table(golden.Features, golden.Dimensions);
        count = table.Count;
        var near = ExactNeighbours.Of(
            table, SimilarityMetric.Euclidean, Affinities.NeighboursOf(golden.Perplexity), null, default);
        return Affinities.Of(near, golden.Perplexity);
    }

    private static double Slope(Affinities joint, double[] x, double[] y, double[] axis, int point)
    {
        const double step = 1e-5;
        var before = axis[point];
        axis[point] = before + step;
        var above = Divergence(joint, x, y);
        axis[point] = before - step;
        var below = Divergence(joint, x, y);
        axis[point] = before;
        return (above - below) / (2 * step);
    }

    private static double Divergence(Affinities joint, double[] x, double[] y)
    {
        var (sum, divergence) = (0.0, 0.0);
        for (var i = 0; i < x.Length; i++)
            sum += Enumerable.Range(0, x.Length).Where(j => j != i).Sum(j => Kernel(i, j));
        for (var i = 0; i < x.Length; i++)
        {
            for (var at = joint.Starts[i]; at < joint.Starts[i + 1]; at++)
                divergence += joint.Values[at] * Math.Log(joint.Values[at] / (Kernel(i, joint.Columns[at]) / sum));
        }
        return divergence;

        double Kernel(int i, int j) => 1 / (1 + (x[i] - x[j]) * (x[i] - x[j]) + (y[i] - y[j]) * (y[i] - y[j]));
    }

    private static int Nearest(IReadOnlyList<MapPoint> points, MapPoint place, int own) =>
        Enumerable.Range(0, points.Count).Where(i => i != own)
            .MinBy(i => Math.Pow(points[i].X - place.X, 2) + Math.Pow(points[i].Y - place.Y, 2));
}

using TransferKit.Analysis.Classifiers;

namespace TransferKit.Analysis.Tests.Classifiers;

/// <summary>Compares with scikit-learn's numbers in <c>tests/goldens/analysis/logistic.json</c>.</summary>
public class LogisticRegressionTests
{
    public static TheoryData<string> Names => new(LogisticGolden.All.Select(g => g.Name));

    [Theory, MemberData(nameof(Names))]
    public void Coefficients_and_intercepts_are_those_of_scikit_learn(string name)
    {
        var golden = LogisticGolden.All.Single(g => g.Name == name);
        var classifier = Train(golden, new() { Strengths = [golden.Strength], Folds = 2 });
        var scorer = (LinearScorer)classifier.Scorer;
        var (coefficients, intercepts) = (scorer.Coefficients, scorer.Intercepts);
        if (golden.Classes == 2)
        {
            // scikit-learn has one function for both of two classes.
            coefficients = [.. Enumerable.Range(0, golden.Dimensions).Select(d => coefficients[golden.Dimensions + d] - coefficients[d])];
            intercepts = [intercepts[1] - intercepts[0]];
        }

        Assert.InRange(RelativeDifference(golden.Coefficients, coefficients), 0, 1e-4);
        Assert.InRange(RelativeDifference(golden.Intercepts, intercepts), 0, 1e-4);
    }

    [Theory, MemberData(nameof(Names))]
    public void Nearest_means_and_nearest_neighbours_are_those_of_scikit_learn(string name)
    {
        var golden = LogisticGolden.All.Single(g => g.Name == name);
        var means = Train(golden, new() { Kind = ClassifierKind.NearestMean });
        var neighbours = Train(golden, new() { Kind = ClassifierKind.NearestNeighbours, Neighbours = 3 });

        Assert.Equal(golden.NearestMean, golden.EachQuery.Select(q => int.Parse(means.Rank(q, 1)[0].Label)));
        Assert.Equal(golden.NearestNeighbours, golden.EachQuery.Select(q => int.Parse(neighbours.Rank(q, 1)[0].Label)));
    }

    [Fact]
    public void The_chosen_strength_has_the_least_loss_of_held_out_pictures()
    {
        var golden = LogisticGolden.All[0];
        var classifier = Train(golden, new());

        Assert.Equal(10, classifier.Report!.Strengths.Count);
        Assert.Equal(classifier.Report.Strengths.MinBy(s => s.Value).Key, classifier.Strength);
        // Each fold by itself, from zero, gives the same loss as all folds along the path.
        var alone = Train(golden, new() { Strengths = [classifier.Strength!.Value] }).Report!.Strengths[0].Value;
        Assert.Equal(alone, classifier.Report.Strengths.Min(s => s.Value), 0.01 * alone);
    }

    [Fact]
    public void A_new_class_by_refit_gives_what_training_with_it_gives()
    {
        var golden = LogisticGolden.All[0];
        var known = Enumerable.Range(0, golden.Labels.Length).Where(i => golden.Labels[i] < 3).ToArray();
        var table = golden.Table;
        var some = FeatureTable.Of([.. known.Select(i => table.Names[i])], known.SelectMany(i => table[i].ToArray()).ToArray());
        var three = FeatureClassifier.Train(some, some.LabelsByFolder(), new() { Strengths = [golden.Strength] });

        var four = three.Refit(table, table.LabelsByFolder());

        Assert.Equal(["0", "1", "2", "3"], four.Labels);
        Assert.InRange(RelativeDifference(golden.Coefficients, ((LinearScorer)four.Scorer).Coefficients), 0, 1e-4);
    }

    private static FeatureClassifier Train(LogisticGolden golden, FeatureClassifierOptions options) =>
        FeatureClassifier.Train(golden.Table, golden.Table.LabelsByFolder(), options);

    private static double RelativeDifference(IReadOnlyList<double> expected, IReadOnlyList<float> found) =>
        expected.Zip(found, (e, f) => Math.Abs(e - f)).Max() / expected.Max(Math.Abs);
}

using System.Text.Json;
using TransferKit.PublicApi.Tests;

namespace TransferKit.Analysis.Tests.Classifiers;

public sealed class FeatureClassifierTests : IDisposable
{
    private static readonly Lazy<FeatureClassifier> Logistic = new(() => Train(ClassifierKind.LogisticRegression));
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<ClassifierKind> Kinds => new(Enum.GetValues<ClassifierKind>());

    [Fact]
    public void Probabilities_of_test_digits_are_calibrated_and_right()
    {
        var report = Logistic.Value.Evaluate(Digits.Test, Digits.Test.LabelsByFolder());

        // scikit-learn's LogisticRegressionCV has 0.91 to 0.93 on this half of the digits, by its scoring.
        Assert.InRange(report.Accuracy, 0.91, 1);
        Assert.InRange(report.CalibrationError, 0, 0.04);
        Assert.InRange(Logistic.Value.Report!.CalibrationError, 0, 0.02);
    }

    [Fact]
    public void Test_digits_drawn_as_those_learned_from_have_a_calibration_error_of_at_most_a_fiftieth()
    {
        double[] errors =
        [
            .. Enumerable.Range(1, 3).Select(seed =>
            {
                var (train, test) = Digits.Shuffled(seed);
                return FeatureClassifier.Train(train, train.LabelsByFolder()).Evaluate(test, test.LabelsByFolder()).CalibrationError;
            }),
        ];

        Assert.True(errors.Average() <= 0.02, string.Join(" ", errors));
    }

    [Fact]
    public void The_report_has_folds_their_spread_each_class_and_the_confusion_matrix()
    {
        var report = Logistic.Value.Report!;

        Assert.Equal(5, report.FoldAccuracies.Count);
        Assert.Equal(report.FoldAccuracies.Average(), report.Accuracy, 0.01);
        Assert.InRange(report.Spread, 1e-6, 0.05);
        Assert.Equal(Digits.Train.Count, report.ConfusionMatrix.Sum(row => row.Sum()));
        Assert.Equal(report.Accuracy, report.ConfusionMatrix.Index().Sum(r => r.Item[r.Index]) / (double)Digits.Train.Count, 1e-9);
        var support = Digits.Train.LabelsByFolder().CountBy(l => l).OrderBy(c => c.Key).Select(c => c.Value);
        Assert.Equal(support, report.Classes.Select(c => c.Support));
        Assert.All(report.Classes, c => Assert.InRange(c.F1, 0.8, 1));
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(report.Accuracy, json.RootElement.GetProperty("accuracy").GetDouble());
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_saved_classifier_gives_the_same_probabilities(ClassifierKind kind)
    {
        var saved = Train(kind);
        var path = _folder.File("digits.classifier");
        saved.Save(path);
        var loaded = FeatureClassifier.Load(path);

        Assert.Equal((kind, saved.Threshold, saved.Strength), (loaded.Kind, loaded.Threshold, loaded.Strength));
        Assert.Equal(saved.Labels, loaded.Labels);
        for (var row = 0; row < Digits.Test.Count; row += 50)
            Assert.Equal(saved.Predict(Digits.Test[row]), loaded.Predict(Digits.Test[row]));
    }

    [Theory]
    [InlineData(ClassifierKind.NearestMean)]
    [InlineData(ClassifierKind.NearestNeighbours)]
    public void Pictures_of_a_new_class_give_what_training_with_them_gives(ClassifierKind kind)
    {
        var (early, late) = (Digits.Train.Of(n => !n.StartsWith('9')), Digits.Train.Of(n => n.StartsWith('9')));
        var nine = FeatureClassifier.Train(early, early.LabelsByFolder(), new() { Kind = kind });

        var ten = nine.Add(late, late.LabelsByFolder());

        var all = early.Join(late);
        var whole = FeatureClassifier.Train(all, all.LabelsByFolder(), new() { Kind = kind });
        Assert.Equal(9, nine.Labels.Count);
        Assert.Equal(whole.Labels, ten.Labels);
        for (var row = 0; row < Digits.Test.Count; row += 20)
            Assert.Equal(whole.Rank(Digits.Test[row], 1)[0].Label, ten.Rank(Digits.Test[row], 1)[0].Label);
    }

    [Fact]
    public void A_picture_of_no_class_is_rejected_more_often_than_one_of_a_class()
    {
        var known = Digits.Train.Of(n => n[0] < '7');
        var classifier = FeatureClassifier.Train(known, known.LabelsByFolder(), new() { RejectedShare = 0.05 });

        var (own, others) = (Digits.Test.Of(n => n[0] < '7'), Digits.Test.Of(n => n[0] >= '7'));
        Assert.InRange(Rejected(own), 0.01, 0.15);
        Assert.InRange(Rejected(others), 0.4, 1);
        Assert.InRange(Rejected(known), 0, 0.06);

        double Rejected(FeatureTable table) =>
            Enumerable.Range(0, table.Count).Average(row => classifier.Classify(table[row]) is null ? 1.0 : 0);
    }

    [Fact]
    public void One_class_a_class_of_one_picture_and_NaN_are_errors_that_say_what_to_do()
    {
        var table = FeatureTable.Of(["a/1", "a/2", "b/3"], new float[] { 1, 2, 3, 4, 5, 6 });

        Assert.Equal(FeatureDataError.OneClass, Fault(() => FeatureClassifier.Train(table, ["a", "a", "a"])));
        Assert.Equal(FeatureDataError.SmallClass, Fault(() => FeatureClassifier.Train(table, ["a", "a", "b"])));
        Assert.Equal(FeatureDataError.NotFinite, Fault(() => FeatureTable.Of(["a"], new[] { 1, float.NaN })));
        Assert.Equal(FeatureDataError.Empty, Fault(() => FeatureTable.Of([], Array.Empty<float>())));
        Assert.Throws<ArgumentException>(() => FeatureClassifier.Train(table, ["a", "b"]));
        Assert.Throws<ArgumentException>(() => Logistic.Value.Predict(new float[63]));
        Assert.Throws<ArgumentException>(() => Logistic.Value.Predict([.. new float[63], float.NaN]));
        Assert.Throws<InvalidOperationException>(() => Logistic.Value.Add(Digits.Test, Digits.Test.LabelsByFolder()));
    }

    [Fact]
    public void A_training_can_be_cancelled_and_reports_its_progress()
    {
        var reports = new List<double>();
        var table = LogisticGolden.All[0].Table;
        FeatureClassifier.Train(table, table.LabelsByFolder(), new() { Strengths = [0.1, 1] }, new Told(reports.Add));
        Assert.Equal([1 / 3.0, 2 / 3.0, 1], reports);

        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            FeatureClassifier.Train(Digits.Train, Digits.Train.LabelsByFolder(), cancellationToken: cancelled.Token));
    }

    [Fact]
    public void A_damaged_file_is_refused()
    {
        var path = _folder.File("digits.classifier");
        Logistic.Value.Save(path);
        var whole = File.ReadAllBytes(path);

        foreach (var at in new[] { 0, 9, 11, 20, 60, whole.Length / 2, whole.Length - 1 })
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x41;
            File.WriteAllBytes(path, damaged);
            Assert.Throws<TrainedModelException>(() => FeatureClassifier.Load(path));
        }
        foreach (var length in new[] { 0, 5, 12, 100, whole.Length - 1 })
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Throws<TrainedModelException>(() => FeatureClassifier.Load(path));
        }
        Assert.Throws<FileNotFoundException>(() => FeatureClassifier.Load(_folder.File("none")));
    }

    public void Dispose() => _folder.Dispose();

    private static FeatureClassifier Train(ClassifierKind kind) =>
        FeatureClassifier.Train(Digits.Train, Digits.Train.LabelsByFolder(), new() { Kind = kind });

    private static FeatureDataError Fault(Action action) => Assert.Throws<FeatureDataException>(action).Error;

    private sealed class Told(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}

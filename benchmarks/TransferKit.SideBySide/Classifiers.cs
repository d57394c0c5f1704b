using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace TransferKit.SideBySide;

/// <summary>Compares the training of a classifier, with its cross-validation, with scikit-learn's LogisticRegressionCV.</summary>
internal static class Classifiers
{
    private const int Count = 10_000;
    private const int Dimensions = 1280;
    private const int Classes = 10;
    private const int Turns = 3;

    // scikit-learn chooses by accuracy unless told, and stops at 100 steps by default. It prints seconds, accuracy and strength.
    private const string ScikitLearn = """
        import sys, time, warnings
        import numpy as np
        from sklearn.linear_model import LogisticRegressionCV
        warnings.filterwarnings("ignore")
        x = np.fromfile(sys.argv[1], np.float32).reshape(10000, 1280)
        y = np.arange(10000) % 10
        for line in sys.stdin:
            start = time.perf_counter()
            model = LogisticRegressionCV(Cs=10, cv=5, scoring="neg_log_loss").fit(x, y)
            seconds = time.perf_counter() - start
            print(seconds, model.scores_[0].mean(axis=0).max(), model.C_[0], flush=True)
        """;

    /// <summary>Runs the benchmark.</summary>
    /// <param name="python">The path of a Python with scikit-learn; <c>none</c> for TransferKit alone.</param>
    /// <param name="json">The path of a JSON file for the rows, or null for none.</param>
    public static void Run(string python, string? json)
    {
        var vectors = Vectors.Draw(Count, Dimensions, Classes, seed: 1);
        var features = FeatureTable.Of([.. Enumerable.Range(0, Count).Select(i => $"{i % Classes}/{i}")], vectors);
        var table = new Table(
            "10,000 x 1,280, 10 classes, 5 folds, 10 strengths", "TransferKit, s", "scikit-learn, s", "share, median of turns",
            "held-out loss", "scikit-learn's", "strength", "scikit-learn's strength");
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, MemoryMarshal.AsBytes<float>(vectors));
        using var other = python == "none" ? null : Process.Start(
            new ProcessStartInfo(python, ["-c", ScikitLearn, path]) { RedirectStandardInput = true, RedirectStandardOutput = true });
        var (ours, theirs, answer, report) = (new List<double>(), new List<double>(), new[] { "NaN", "NaN", "NaN" }, (FeatureClassifier?)null);
        for (var turn = -1; turn < Turns; turn++)
        {
            var clock = Stopwatch.StartNew();
            report = FeatureClassifier.Train(features, features.LabelsByFolder());
            if (turn < 0)
                continue;
            ours.Add(clock.Elapsed.TotalSeconds);
            other?.StandardInput.WriteLine();
            if (other is not null)
                answer = (other.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{python} has no scikit-learn.")).Split(' ');
            theirs.Add(double.Parse(answer[0], CultureInfo.InvariantCulture));
        }
        other?.StandardInput.Close();
        other?.WaitForExit();
        File.Delete(path);
        table.Add(
            "logistic regression", Speed.Median(ours), Speed.Median(theirs), Speed.Median(ours.Zip(theirs, (o, t) => o / t)),
            report!.Report!.Strengths.Min(s => s.Value), -double.Parse(answer[1], CultureInfo.InvariantCulture), report.Strength!.Value,
            double.Parse(answer[2], CultureInfo.InvariantCulture));
        table.Save(json);
    }
}

using System.Diagnostics;

namespace TransferKit.SideBySide;

/// <summary>Compares the training of a classifier, with its cross-validation, with scikit-learn's LogisticRegressionCV.</summary>
internal static class Classifiers
{
    private const int Count = 10_000;
    private const int Dimensions = 1280;
    private const int Classes = 10;

    // scikit-learn stops at 100 steps by default, and chooses by accuracy unless told otherwise.
    private const string ScikitLearn = """
        import sys, time, warnings
        import numpy as np
        from sklearn.linear_model import LogisticRegressionCV
        warnings.filterwarnings("ignore")
        x = np.fromfile(sys.argv[1], np.float32).reshape(10000, 1280)
        y = np.arange(10000) % 10
        start, processor = time.perf_counter(), time.process_time()
        model = LogisticRegressionCV(Cs=10, cv=5, scoring="neg_log_loss").fit(x, y)
        loss = -np.mean(list(model.scores_.values())[0], axis=0).max()
        print(time.perf_counter() - start, time.process_time() - processor, loss, model.C_[0])
        """;

    /// <summary>Runs the benchmark.</summary>
    /// <param name="python">The path of a Python with scikit-learn; <c>none</c> for TransferKit alone.</param>
    /// <param name="json">The path of a JSON file for the rows, or null for none.</param>
    public static void Run(string python, string? json)
    {
        var vectors = Vectors.Draw(Count, Dimensions, Classes, seed: 1);
        var features = FeatureTable.Of([.. Enumerable.Range(0, Count).Select(i => $"{i % Classes}/{i}")], vectors);
        var table = new Table(
            "10,000 x 1,280, 10 classes, 5 folds, 10 strengths", "s", "processor s", "share of scikit-learn's s", "of its processor s",
            "held-out loss", "strength");
        FeatureClassifier.Train(features, features.LabelsByFolder());
        var (clock, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var classifier = FeatureClassifier.Train(features, features.LabelsByFolder());
        var (seconds, processor) = (clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
        double[]? theirs = python == "none" ? null : Python.Numbers(python, ScikitLearn, "scikit-learn", "classifiers PYTHON", vectors);
        table.Add(
            "TransferKit", seconds, processor, theirs is null ? "" : seconds / theirs[0], theirs is null ? "" : processor / theirs[1],
            $"{classifier.Report!.Strengths.Min(s => s.Value):0.0000}", $"{classifier.Strength:G3}");
        if (theirs is not null)
            table.Add("scikit-learn", theirs[0], theirs[1], "", "", $"{theirs[2]:0.0000}", $"{theirs[3]:G3}");
        table.Save(json);
    }
}

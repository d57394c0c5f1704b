using System.Diagnostics;

namespace TransferKit.SideBySide;

/// <summary>
/// Compares the map of <c>transferkit explore</c>, its clusters and neighbours included, with scikit-learn's PCA and TSNE alone.
/// </summary>
internal static class Explore
{
    private const int Dimensions = 1280;
    private const int Classes = 10;

    private const string ScikitLearn = """
        import sys, time, warnings
        import numpy as np
        from sklearn.decomposition import PCA
        from sklearn.manifold import TSNE
        warnings.filterwarnings("ignore")
        x = np.fromfile(sys.argv[1], np.float32).reshape(-1, 1280)
        now = lambda: np.array([time.perf_counter(), time.process_time()])
        start = now()
        share = PCA(2).fit(x).explained_variance_ratio_.sum()
        middle = now()
        model = TSNE(init="pca", learning_rate="auto", random_state=0, n_jobs=-1)
        model.fit_transform(x)
        print(*(middle - start), *(now() - start), share, model.kl_divergence_)
        """;

    /// <summary>Runs the benchmark.</summary>
    /// <param name="count">The number of vectors.</param>
    /// <param name="python">The path of a Python with scikit-learn; <c>none</c> for TransferKit alone.</param>
    /// <param name="json">The path of a JSON file for the rows, or null for none.</param>
    public static void Run(int count, string python, string? json)
    {
        var vectors = Vectors.Draw(count, Dimensions, Classes, seed: 1);
        var features = FeatureTable.Of([.. Enumerable.Range(0, count).Select(i => $"{i % Classes}/{i}.jpg")], vectors);
        var table = new Table(
            $"{count:N0} x 1,280", "PCA, s", "processor s", "with t-SNE, s", "processor s ", "share of variance", "divergence", "page, MB");
        var (principal, _) = Measure(features, new() { Limit = count, Tsne = false });
        var (whole, map) = Measure(features, new() { Limit = count });
        var page = Path.ChangeExtension(Path.GetTempFileName(), ".html");
        map.WritePage(page);
        table.Add(
            "TransferKit", principal.Wall, principal.Processor, whole.Wall, whole.Processor, $"{map.ExplainedVariance.Sum():0.0000}",
            $"{map.KlDivergence:0.000}", new FileInfo(page).Length / 1e6);
        File.Delete(page);
        if (python != "none")
        {
            var theirs = Python.Numbers(python, ScikitLearn, "scikit-learn", "explore COUNT PYTHON", vectors);
            table.Add(
                "scikit-learn", theirs[0], theirs[1], theirs[2], theirs[3], $"{theirs[4]:0.0000}", $"{theirs[5]:0.000}", "");
        }
        table.Save(json);
    }

    private static ((double Wall, double Processor) Seconds, FeatureMap Map) Measure(FeatureTable features, FeatureMapOptions options)
    {
        var (clock, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var map = FeatureMap.Compute(features, options);
        return ((clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds), map);
    }
}

using System.Diagnostics;

namespace TransferKit.SideBySide;

/// <summary>Compares the search of similar vectors with NumPy's matrix product and partition, which compare all floats.</summary>
internal static class Similar
{
    private const int Dimensions = 1280;
    private const int Batch = 64;
    private const int Turns = 5;

    private const string NumPy = """
        import sys, time
        import numpy as np
        x = np.fromfile(sys.argv[1], np.float32).reshape(-1, 1280)
        q = np.fromfile(sys.argv[2], np.float32).reshape(-1, 1280)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        def search(q):
            start = time.perf_counter()
            scores = q @ x.T
            np.argpartition(scores, -10, axis=1)[:, -10:]
            return time.perf_counter() - start
        for part in (q[:1], q):
            print(sorted(search(part) for i in range(5))[2])
        """;

    /// <summary>Runs the benchmark.</summary>
    /// <param name="count">The number of vectors.</param>
    /// <param name="python">The path of a Python with NumPy; <c>none</c> for TransferKit alone.</param>
    /// <param name="json">The path of a JSON file for the rows, or null for none.</param>
    public static void Run(int count, string python, string? json)
    {
        var all = Vectors.Draw(count + Batch, Dimensions, classes: 100, seed: 1);
        var vectors = all.AsMemory(0, count * Dimensions);
        var queries = FeatureTable.Of([.. Enumerable.Range(0, Batch).Select(i => $"{i}")], all.AsMemory(count * Dimensions));
        var clock = Stopwatch.StartNew();
        using var index = FeatureIndex.Build(FeatureTable.Of([.. Enumerable.Range(0, count).Select(i => $"{i}")], vectors));
        var build = clock.Elapsed.TotalSeconds;
        var table = new Table($"{count:N0} x 1,280, the nearest 10", "built, s", "one query, ms", "64 queries, ms");
        table.Add(
            "TransferKit", build, 1e3 * Seconds(() => index.Search(queries[0])), 1e3 * Seconds(() => index.Search(queries)));
        if (python != "none")
        {
            var theirs = Python.Numbers(
                python, NumPy, "NumPy", "similar COUNT PYTHON", vectors, all.AsMemory(count * Dimensions));
            table.Add("NumPy", "", 1e3 * theirs[0], 1e3 * theirs[1]);
        }
        table.Save(json);
    }

    private static double Seconds(Action search)
    {
        search();
        return Speed.Median([.. Enumerable.Range(0, Turns).Select(_ =>
        {
            var clock = Stopwatch.StartNew();
            search();
            return clock.Elapsed.TotalSeconds;
        })]);
    }
}

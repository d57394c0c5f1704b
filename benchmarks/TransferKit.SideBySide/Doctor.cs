using System.Diagnostics;

namespace TransferKit.SideBySide;

/// <summary>Measures the check of features: time, memory, and the share of near copies that comparing all vectors finds.</summary>
internal static class Doctor
{
    private const int Dimensions = 1280;
    private const int Classes = 100;
    private const int Copies = 1000;
    private const float Noise = 0.15f;

    /// <summary>Runs the benchmark.</summary>
    /// <param name="count">The number of vectors, the last thousand of which are noisy copies of the first.</param>
    /// <param name="json">The path of a JSON file for the rows, or null for none.</param>
    public static void Run(int count, string? json)
    {
        var numbers = Vectors.Draw(count, Dimensions, Classes, seed: 1);
        var random = new Random(2);
        for (var i = 0; i < Copies * Dimensions; i++)
            numbers[(count - Copies) * Dimensions + i] = numbers[i] + Noise * random.NextSingle();
        string[] labels = [.. Enumerable.Range(0, count).Select(i => $"{(i < count - Copies ? i : i - count + Copies) % Classes}")];
        var features = FeatureTable.Of([.. Enumerable.Range(0, count).Select(i => $"{i}")], numbers);

        // Of all pairs as near as this, what share does the check name? A chain of copies is named once for each.
        var options = new DataCheckOptions { LeastCosine = 0.98 };
        var clock = Stopwatch.StartNew();
        var report = DataCheck.Run(features, labels, options);
        var seconds = clock.Elapsed.TotalSeconds;
        using var process = Process.GetCurrentProcess();
        var peak = process.PeakWorkingSet64 / 1e9;

        var found = report.Of(DataFindingKind.NearDuplicate).Findings.SelectMany(f => new[] { f.Path, f.Other! }).ToHashSet();
        using var index = FeatureIndex.Build(features);
        var rows = Enumerable.Range(count - Copies, Copies).ToArray();
        var queries = FeatureTable.Of(
            [.. rows.Select(i => $"{i}")], numbers.AsMemory((count - Copies) * Dimensions, Copies * Dimensions));
        var nearest = index.Search(queries, 2);
        var near = rows.Where((_, q) => nearest[q].Any(n => n.Name != queries.Names[q] && n.Score >= options.LeastCosine)).ToArray();
        var table = new Table($"{count:N0} x 1,280", "s", "peak, GB", "copies by comparing all", "share found", "all findings");
        var share = (double)near.Count(i => found.Contains($"{i}")) / near.Length;
        table.Add("TransferKit", seconds, peak, near.Length, share, report.Findings.Count);
        table.Save(json);
    }
}

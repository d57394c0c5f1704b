using System.Diagnostics;
using System.Globalization;

namespace TransferKit.SideBySide;

/// <summary>
/// Measures the check of features: time, memory, and the share of near copies that comparing all vectors finds. Each step is a process of
/// its own. The vectors are in a feature set, from which an index is built row by row, and the check reads the mapped index.
/// </summary>
internal static class Doctor
{
    private const int Dimensions = 1280;
    private const int Classes = 100;
    private const int Copies = 1000;
    private const float Noise = 0.15f;
    private const double LeastCosine = 0.98;

    /// <summary>Runs the benchmark.</summary>
    /// <param name="count">The number of vectors, the last thousand of which are noisy copies of the first.</param>
    /// <param name="json">The path of a JSON file for the rows, or null for none.</param>
    public static void Run(int count, string? json)
    {
        var root = Directory.CreateTempSubdirectory("transferkit-doctor-").FullName;
        try
        {
            var table = new Table(
                $"{count:N0} x 1,280", "s", "processor s", "peak of own memory, GB", "copies by comparing all", "share found",
                "all findings");
            Step("make", root, count);
            Add("index from the feature set", Step("index", root, count));
            File.Delete(Set(root));
            Add("near copies and outliers", Step("near", root, count));
            Add("the same and labels", Step("labels", root, count));
            table.Save(json);

            void Add(string step, string[] figures) => table.Add(
                [step, .. figures.Take(3).Select(f => (object)double.Parse(f, CultureInfo.InvariantCulture)),
                    .. Enumerable.Range(3, 3).Select(i => figures.ElementAtOrDefault(i) ?? "")]);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Runs one step, and prints its figures.</summary>
    public static async Task RunOneAsync(string step, string root, int count)
    {
        if (step == "make")
        {
            await MakeAsync(root, count).ConfigureAwait(false);
            return;
        }
        using var memory = new OwnMemory();
        var clock = Stopwatch.StartNew();
        string[] found = [];
        if (step == "index")
        {
            using var set = FeatureSet.Open(Set(root));
            using var built = await FeatureIndex.BuildAsync(set, Index(root)).ConfigureAwait(false);
        }
        var (seconds, processor, peak) = (clock.Elapsed.TotalSeconds, Environment.CpuUsage.TotalTime.TotalSeconds, memory.Peak / 1e9);
        if (step is "near" or "labels")
        {
            using var index = FeatureIndex.Open(Index(root));
            // Labels of one class are not checked.
            var labels = step == "near" ? Enumerable.Repeat("", count).ToArray() : Labels(count);
            var report = DataCheck.Run(index.Features, labels, new() { LeastCosine = LeastCosine });
            (seconds, processor, peak) = (clock.Elapsed.TotalSeconds, Environment.CpuUsage.TotalTime.TotalSeconds, memory.Peak / 1e9);
            found = Found(index, report);
        }
        Console.WriteLine(string.Join(' ', [.. new[] { seconds, processor, peak }.Select(Text), .. found]));
    }

    // Of all copies as near as the limit, what share does the check name? A chain of copies is named once for each.
    private static string[] Found(FeatureIndex index, DataReport report)
    {
        var named = report.Of(DataFindingKind.NearDuplicate).Findings.SelectMany(f => new[] { f.Path, f.Other! }).ToHashSet();
        var near = Enumerable.Range(index.Count - Copies, Copies).Where(row =>
            index.Search(index.Features[row], 2).Any(n => n.Row != row && n.Score >= LeastCosine)).ToArray();
        var share = (double)near.Count(row => named.Contains(index.Names[row])) / near.Length;
        return [Text(near.Length), share.ToString("0.000", CultureInfo.InvariantCulture), Text(report.Findings.Count)];
    }

    private static async Task MakeAsync(string root, int count)
    {
        await using var sink = FeatureSinks.Create(Set(root));
        sink.Begin([Dimensions]);
        var (first, random) = (Array.Empty<float>(), new Random(2));
        foreach (var (at, part) in Vectors.Parts(count - Copies, Dimensions, Classes, seed: 1))
        {
            if (at == 0)
                first = part[..(Copies * Dimensions)];
            await WriteAsync(at, part).ConfigureAwait(false);
        }
        for (var i = 0; i < first.Length; i++)
            first[i] += Noise * random.NextSingle();
        await WriteAsync(count - Copies, first).ConfigureAwait(false);
        await sink.CompleteAsync().ConfigureAwait(false);

        async Task WriteAsync(int at, float[] numbers)
        {
            for (var i = 0; i < numbers.Length / Dimensions; i++)
            {
                var row = FeatureRow.Of(Text(at + i), numbers.AsMemory(i * Dimensions, Dimensions).ToArray(), [Dimensions]);
                await sink.WriteAsync(row).ConfigureAwait(false);
            }
        }
    }

    private static string[] Labels(int count) =>
        [.. Enumerable.Range(0, count).Select(i => Text((i < count - Copies ? i : i - count + Copies) % Classes))];

    private static string[] Step(string step, string root, int count)
    {
        string[] arguments = ["doctor-of", step, root, Text(count)];
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.Trim().Split(' ') : throw new InvalidOperationException($"The step '{step}' failed.");
    }

    private static string Set(string root) => Path.Combine(root, "vectors.arrow");

    private static string Index(string root) => Path.Combine(root, "vectors.index");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}

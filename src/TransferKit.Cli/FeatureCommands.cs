using System.CommandLine;
using System.Globalization;
using TransferKit.Common;

namespace TransferKit.Cli;

/// <summary>Implements the commands on stored features: <c>convert</c>, <c>merge</c> and <c>features check</c>.</summary>
internal static class FeatureCommands
{
    public static Command Convert()
    {
        var from = new Argument<string>("from")
        {
            Description = "A feature set's folder, or an .npz, .parquet, .arrow, .csv or .jsonl file.",
        };
        var to = new Argument<string>("to") { Description = $"The file to write: {string.Join(", ", FeatureSinks.Extensions)}." };
        var json = JsonOption.Create();
        var command = new Command("convert", "Write stored features in another format.") { from, to, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (source, target) = (parsed.GetRequiredValue(from), parsed.GetRequiredValue(to));
            FeatureSinks.Check(target);
            using var set = FeatureSet.Open(source);
            var written = await set.SaveAsync(target, cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(json))
                Terminal.Json(new { written, target, shape = set.Shape, source });
            else
                Terminal.Line($"{written} written: {target} ({written}, {string.Join(", ", set.Shape)}) from {source}");
        });
        return command;
    }

    public static Command Merge()
    {
        var folder = new Argument<string>("folder") { Description = "The folder of a feature set that several workers wrote." };
        var status = new Option<bool>("--status") { Description = "Print the progress of the shards, and change nothing." };
        var json = JsonOption.Create();
        var command = new Command("merge", "Check that all shards of a feature set are complete, and mark it so.") { folder, status, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(folder);
            if (parsed.GetValue(status))
            {
                Print(await FeatureSet.StatusAsync(path, cancellationToken).ConfigureAwait(false), parsed.GetValue(json));
                return;
            }
            Totals(path, "complete", await FeatureSet.MergeAsync(path, cancellationToken).ConfigureAwait(false), parsed.GetValue(json));
        });
        return command;
    }

    public static Command Features()
    {
        var folder = new Argument<string>("folder") { Description = "The folder of a feature set." };
        var pictures = new Option<string>("--pictures") { Description = "The folder of pictures to compare with: each needs a row." };
        var recursive = new Option<bool>("--recursive", "-r") { Description = "Compare with subfolders too." };
        var json = JsonOption.Create();
        var check = new Command("check", "Check a feature set: rows and failures are all files, each once.")
        {
            folder, pictures, recursive, json,
        };
        check.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(folder);
            using var source = parsed.GetValue(pictures) is { } photos ? ImageSource.Folder(photos, parsed.GetValue(recursive)) : null;
            var report = await FeatureSet.CheckAsync(path, source, cancellationToken).ConfigureAwait(false);
            Totals(path, "whole", report, parsed.GetValue(json));
        });
        return new("features", "Work with feature sets.") { check };
    }

    private static void Totals(string path, string what, FeatureSetReport report, bool isJson)
    {
        if (isJson)
        {
            Terminal.Json(new { path, state = what, files = report.Files, rows = report.Rows, failures = report.Failures });
            return;
        }
        var (files, failures) = (Terminal.Count(report.Files, "file"), Terminal.Count(report.Failures, "failure"));
        Terminal.Line($"{path} is {what}: {files}, {report.Rows} with features, {failures}");
    }

    private static void Print(IReadOnlyList<ShardStatus> shards, bool isJson)
    {
        if (isJson)
        {
            Terminal.Json(shards.Select(s => new
            {
                shard = s.Shard,
                complete = s.IsComplete,
                owner = s.Owner,
                rows = s.Rows,
                failures = s.Failures,
            }));
            return;
        }
        var table = new TextTable(["Shard", "State", "Rows", "Failures"]);
        foreach (var shard in shards)
        {
            table.Add(
                shard.Shard.ToString(CultureInfo.InvariantCulture),
                shard.IsComplete ? "complete" : shard.Owner is { } owner ? Printable.Of($"written by {owner}") : "waiting",
                shard.Rows.ToString(CultureInfo.InvariantCulture), shard.Failures.ToString(CultureInfo.InvariantCulture));
        }
        table.Print(markdown: false);
        Terminal.Line(
            $"{shards.Count(s => s.IsComplete)} of {shards.Count} shards are complete: {shards.Sum(s => s.Rows)} rows, "
            + $"{shards.Sum(s => s.Failures)} failures");
    }
}

using System.Diagnostics;
using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

/// <summary>Runs the commands of feature sets as a user does.</summary>
public sealed class FeatureSetCommandTests : IDisposable
{
    private static readonly string Samples = Goldens.Path("..", "..", "docs", "samples", "pictures");
    private readonly Transferkit _tool = new();

    [Fact]
    public void A_set_is_extracted_checked_converted_and_continued()
    {
        var first = _tool.Run("extract", Samples, "--out", "features/", "--shards", "2");
        var again = _tool.Run("extract", Samples, "--out", "features");
        var check = _tool.Run("features", "check", "features", "--pictures", Samples);
        var convert = _tool.Run("convert", "features", "x.npz");

        Assert.Equal((0, "4 written, 0 skipped: features/ (4, 1280) from mobilenet_v2\n"), (first.ExitCode, first.Out));
        Assert.Equal(0, again.ExitCode);
        Assert.Equal((0, "features is whole: 4 files, 4 with features, 0 failures\n"), (check.ExitCode, check.Out));
        Assert.Equal((0, "4 written: x.npz (4, 1280) from features\n"), (convert.ExitCode, convert.Out));
        Assert.Contains("\"weights\": \"sha256:", File.ReadAllText(_tool.File("features", "_manifest.json")));

        var other = _tool.Run("extract", Samples, "--out", "features/", "--interpolation", "bicubic");

        Assert.Equal(3, other.ExitCode);
        Assert.Contains("interpolation: was nearest, is bicubic", Assert.Single(other.Error.TrimEnd().Split('\n')));
        Assert.Equal(0, _tool.Run("extract", Samples, "--out", "features/", "--interpolation", "bicubic", "--restart").ExitCode);
    }

    [Fact]
    public void A_worker_takes_its_number_from_the_scheduler_and_says_so()
    {
        using var process = Start([], ("SLURM_ARRAY_TASK_ID", "1"), ("SLURM_ARRAY_TASK_MIN", "1"), ("SLURM_ARRAY_TASK_COUNT", "2"));
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error);
        Assert.Contains("worker 0/2, by SLURM_ARRAY_TASK_ID", error);

        var early = _tool.Run("merge", "features");
        var status = _tool.Run("merge", "features", "--status");
        var second = _tool.Run("extract", Samples, "--out", "features/", "--shard", "1/2");
        var merge = _tool.Run("merge", "features");

        Assert.Equal(3, early.ExitCode);
        Assert.Contains("1 of 2 shards are missing", early.Error);
        Assert.Contains("1 of 2 shards are complete", status.Out);
        Assert.Equal(0, second.ExitCode);
        Assert.Equal((0, "features is complete: 4 files, 4 with features, 0 failures\n"), (merge.ExitCode, merge.Out));
    }

    [Theory]
    [InlineData("none", "shard-00000-of-00001.parquet")]
    [InlineData("1/2", "shard-00001-of-00002.parquet")]
    public void An_option_comes_before_the_number_of_the_scheduler(string shard, string written)
    {
        using var process = Start(
            ["--shard", shard], ("SLURM_ARRAY_TASK_ID", "0"), ("SLURM_ARRAY_TASK_MIN", "0"), ("SLURM_ARRAY_TASK_COUNT", "2"));
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.True(process.ExitCode == 0, error);
        Assert.DoesNotContain("SLURM", error);
        Assert.Equal([written], Directory.GetFiles(_tool.File("features"), "*.parquet").Select(Path.GetFileName));
    }

    [Fact]
    public async Task Ctrl_C_ends_an_extraction_with_130_and_the_same_command_goes_on_to_the_same_bytes()
    {
        Interrupt.SkipUnlessHeard();
        var pictures = Directory.CreateDirectory(_tool.File("pictures")).FullName;
        var sample = Directory.GetFiles(Samples, "*.jpg").Order(StringComparer.Ordinal).First();
        for (var i = 0; i < 200; i++)
            File.Copy(sample, Path.Combine(pictures, $"{i:000}.jpg"));
        string[] extract = ["extract", "pictures", "--shards", "20", "--out"];
        Assert.Equal(0, _tool.Run([.. extract, "whole/"]).ExitCode);

        using (var process = _tool.Start(offline: true, [.. extract, "set/"]))
        {
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            while (!process.HasExited && Shards("set").Length == 0)
                await Task.Delay(5, TestContext.Current.CancellationToken);
            await Interrupt.SendAsync(process);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 130, $"{process.ExitCode}: {await error}");
        }
        Assert.InRange(Shards("set").Length, 1, 19);
        var (exitCode, output, _) = _tool.Run([.. extract, "set/"]);

        Assert.Equal((0, "200 written, 0 skipped: set/ (200, 1280) from mobilenet_v2\n"), (exitCode, output));
        Assert.Equal(Shards("whole").Select(File.ReadAllBytes), Shards("set").Select(File.ReadAllBytes));

        string[] Shards(string set) => Directory.Exists(_tool.File(set))
            ? [.. Directory.GetFiles(_tool.File(set), "*.parquet").Order(StringComparer.Ordinal)]
            : [];
    }

    [Fact]
    public void A_list_on_standard_input_is_read()
    {
        const string Pipeline = "find \"$0\" -type f -print0 | dotnet \"$1\" extract - -0 --out x.csv";
        using var process = Process.Start(
            new ProcessStartInfo("bash", ["-c", Pipeline, Samples, typeof(Tool).Assembly.Location])
            {
                RedirectStandardError = true,
                WorkingDirectory = _tool.Folder,
                Environment = { ["KERAS_HOME"] = _tool.File("keras"), ["TRANSFERKIT_OFFLINE"] = "1" },
            })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.True(process.ExitCode == 0, error);
        Assert.Equal(5, File.ReadAllLines(_tool.File("x.csv")).Length);
    }

    [Theory]
    [InlineData("from 0 to 3", "--out", "features/", "--shard", "4/4")]
    [InlineData("such as 3/16", "--out", "features/", "--shard", "x")]
    [InlineData("exclude each other", "--out", "features/", "--shard", "1/4", "--claim")]
    [InlineData("1 to 100,000", "--out", "features/", "--shards", "0")]
    [InlineData("--out x.npz/", "--out", "x.npz", "--shards", "2")]
    public void Options_that_do_not_fit_are_refused(string says, params string[] arguments)
    {
        var (exitCode, _, error) = _tool.Run(["extract", Samples, .. arguments]);

        Assert.Equal(2, exitCode);
        Assert.Contains(says, Assert.Single(error.TrimEnd().Split('\n')));
    }

    [Fact]
    public void Nothing_but_the_output_remains_of_a_run()
    {
        _tool.Run("extract", Samples, "--out", "x.parquet");

        Assert.Equal(["keras", "x.parquet"], Directory.GetFileSystemEntries(_tool.Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_plan_is_printed_and_writes_nothing()
    {
        var plan = _tool.Run("plan", Samples, "--sample", "100", "--workers", "4");
        var json = _tool.Run("plan", Samples, "--sample", "100", "--json");
        var wrong = _tool.Run("plan", Samples, "--sample", "10");

        Assert.Equal(0, plan.ExitCode);
        Assert.StartsWith("files        4, ", plan.Out);
        Assert.Contains("with mobilenet_v2: ", plan.Out);
        Assert.EndsWith(" in 4 shards\n", plan.Out);
        Assert.Contains("\"files\": 4", json.Out);
        Assert.Equal((2, "at least 100"), (wrong.ExitCode, wrong.Error.Contains("at least 100") ? "at least 100" : wrong.Error));
        Assert.Equal(["keras"], Directory.GetFileSystemEntries(_tool.Folder).Select(Path.GetFileName));
    }

    private Process Start(string[] options, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Tool).Assembly.Location, "extract", Samples, "--out", "features/", .. options])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _tool.Folder,
            Environment = { ["KERAS_HOME"] = _tool.File("keras"), ["TRANSFERKIT_OFFLINE"] = "1" },
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public void Dispose() => _tool.Dispose();
}

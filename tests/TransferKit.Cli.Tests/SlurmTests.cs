using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

/// <summary>Runs the array job of docs/clusters.md on a real Slurm cluster of two nodes on this machine.</summary>
[Trait("Category", "Slow")]
public sealed partial class SlurmTests : IDisposable
{
    private const int Files = 1280;
    private const string TwoNodes = "slurm-two-nodes";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly Transferkit _tool = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    [Fact]
    public async Task An_array_job_whose_tasks_and_node_die_writes_the_bytes_of_one_process()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && IsInstalled("slurmctld") && IsInstalled("munged"),
            "The cluster needs root and Debian's packages slurm-wlm and munge.");
        MakePictures();
        var script = ArrayJob();
        Directory.CreateDirectory(_tool.File("bin"));
        // The program that the job finds in the path. It notes its start, and takes random weights, since the
        // real ones need a network, and small pictures.
        WriteScript(_tool.File("bin", "transferkit"), $"""
            #!/bin/sh
            echo "$$ $SLURM_ARRAY_TASK_ID $SLURMD_NODENAME $SLURM_JOB_ID" >> '{_tool.File("starts")}'
            exec dotnet '{typeof(Tool).Assembly.Location}' "$@" --weights none --seed 1 --input-size 64x64
            """);
        WriteScript(_tool.File("job.sh"), script);
        var one = _tool.Run(
            "extract", "photos", "--recursive", "--backbone", "resnet50", "--out", "one/", "--shards", "16",
            "--input-size", "64x64");
        Assert.True(one.ExitCode == 0, one.Error);

        await RunAsync("bash", Script(), "start", _tool.File("slurm"));
        var job = (await RunAsync("sbatch", "--parsable", "job.sh")).Trim();
        Say($"job {job}: {Files} pictures, 16 tasks on 2 nodes");
        var killed = new List<Start>
        {
            await KillAsync(start => start.Node == "n1"),
            await KillAsync(start => start.Node == "n2"),
        };
        var lost = await NextAsync(start => start.Node == "n2");
        await KillNodeAsync(lost);
        Say($"killed the daemon of n2 and all that ran there, task {lost.Task}");
        await UntilAsync(async () => (await RunAsync("sinfo", "-h", "-n", "n2", "-o", "%T")).Contains("down", StringComparison.Ordinal));
        Say("n2 is down, and its daemon is started again");
        await RunAsync("bash", Script(), "node", _tool.File("slurm"), "n2");
        killed.Add(await KillAsync(start => killed.Any(k => k.Task == start.Task)));
        await UntilAsync(async () => (await RunAsync("squeue", "-h", "-j", job)).Length == 0);

        var tasks = ShownTask().Matches(await RunAsync("scontrol", "show", "job", job));
        Assert.Equal(16, tasks.Count);
        Assert.All(tasks, task => Assert.Equal("COMPLETED", task.Groups["state"].Value));
        var restarts = tasks.ToDictionary(
            t => t.Groups["task"].Value, t => int.Parse(t.Groups["restarts"].Value, CultureInfo.InvariantCulture));
        Assert.All([.. killed, lost], start => Assert.NotEqual(0, restarts[start.Task]));
        Say($"all tasks completed, after {restarts.Values.Sum()} restarts of {restarts.Count(r => r.Value > 0)} tasks");
        var merge = _tool.Run("merge", "features");
        Assert.True(merge.ExitCode == 0, merge.Error);
        Say(merge.Out.Trim());
        var (expected, found) = (Contents("one"), Contents("features"));
        Assert.Equal(expected.Keys, found.Keys);
        Assert.All(expected, file => Assert.True(file.Value.AsSpan().SequenceEqual(found[file.Key]), file.Key));
        Say($"{found.Count} files of {found.Values.Sum(f => f.Length)} bytes are byte for byte those of one process");
    }

    private sealed record Start(int Process, string Task, string Node, string Job);

    // The script of the page, as a user copies it.
    private static string ArrayJob()
    {
        var page = File.ReadAllText(Goldens.Path("..", "..", "docs", "clusters.md"));
        var blocks = ShellBlock().Matches(page).Select(m => m.Groups[1].Value);
        return Assert.Single(blocks, b => b.Contains("#SBATCH", StringComparison.Ordinal));
    }

    private void MakePictures()
    {
        var samples = Directory.GetFiles(Goldens.Path("..", "..", "docs", "samples", "pictures"));
        for (var i = 0; i < Files; i++)
        {
            var folder = Directory.CreateDirectory(_tool.File("photos", $"{i % 10}")).FullName;
            File.Copy(samples[i % samples.Length], Path.Combine(folder, $"{i:000}{Path.GetExtension(samples[i % samples.Length])}"));
        }
    }

    // A task is killed after it has claimed its shard, so in the middle of its work.
    private async Task<Start> KillAsync(Func<Start, bool> isIt)
    {
        while (true)
        {
            var start = await NextAsync(isIt);
            if (!TryKill(start.Process))
                continue;
            Say($"killed task {start.Task} on {start.Node}");
            return start;
        }
    }

    private async Task<Start> NextAsync(Func<Start, bool> isIt)
    {
        var seen = (await StartsAsync()).Select(s => s.Process).ToHashSet();
        Start? found = null;
        await UntilAsync(async () =>
        {
            found = (await StartsAsync()).FirstOrDefault(s => !seen.Contains(s.Process) && isIt(s) && HasClaim(s));
            return found is not null;
        });
        return found!;
    }

    private async Task<IEnumerable<Start>> StartsAsync() => !File.Exists(_tool.File("starts")) ? [] :
        from line in await File.ReadAllLinesAsync(_tool.File("starts"))
        let parts = line.Split(' ')
        where parts.Length == 4
        select new Start(int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], parts[2], parts[3]);

    private bool HasClaim(Start start)
    {
        var work = _tool.File("features", ".work");
        try
        {
            return Directory.Exists(work) && Directory.EnumerateFiles(work, "*.claim")
                .Any(f => File.ReadAllText(f).Contains($"\"process\": {start.Process},", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Kill(int id)
    {
        using var process = Process.GetProcessById(id);
        process.Kill();
    }

    // A node that loses its power takes its daemon and all processes of its job with it.
    private async Task KillNodeAsync(Start start)
    {
        Kill(int.Parse(await File.ReadAllTextAsync(_tool.File("slurm", $"{start.Node}.pid")), CultureInfo.InvariantCulture));
        foreach (var folder in Directory.GetDirectories("/proc").Where(f => Path.GetFileName(f).All(char.IsAsciiDigit)))
        {
            if (IsOfJob(folder, start.Job))
                TryKill(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
        }
    }

    private static bool IsOfJob(string process, string job)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "environ")).Split('\0').Contains($"SLURM_JOB_ID={job}")
                || File.ReadAllText(Path.Combine(process, "cmdline")).StartsWith($"slurmstepd: [{job}.", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var clock = Stopwatch.StartNew(); !await isSo();)
        {
            Assert.True(clock.Elapsed < Patience, "The cluster did not get there in time.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _tool.Folder,
            Environment =
            {
                ["SLURM_CONF"] = _tool.File("slurm", "slurm.conf"),
                ["KERAS_HOME"] = _tool.File("keras"),
                ["TRANSFERKIT_OFFLINE"] = "1",
                ["PATH"] = $"{_tool.File("bin")}:{Environment.GetEnvironmentVariable("PATH")}",
            },
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await error}");
        return output;
    }

    private SortedDictionary<string, byte[]> Contents(string folder) => new(
        Directory.GetFiles(_tool.File(folder)).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes), StringComparer.Ordinal);

    private static bool IsInstalled(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Append("/usr/sbin").Any(p => File.Exists(Path.Combine(p, program)));

    private static void WriteScript(string path, string content)
    {
        File.WriteAllText(path, content.ReplaceLineEndings("\n") + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string Script() => Goldens.Path("..", "TransferKit.Cli.Tests", TwoNodes);

    private void Say(string what) => TestContext.Current.SendDiagnosticMessage($"{_clock.Elapsed.TotalSeconds,5:0} s  {what}");

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex(@"ArrayTaskId=(?<task>\d+).*?JobState=(?<state>\w+).*?Restarts=(?<restarts>\d+)", RegexOptions.Singleline)]
    private static partial Regex ShownTask();

    public void Dispose()
    {
        if (File.Exists(_tool.File("slurm", "slurm.conf")))
        {
            foreach (var start in StartsAsync().GetAwaiter().GetResult().Where(s => IsOfJob($"/proc/{s.Process}", s.Job)))
                TryKill(start.Process);
            using var stop = Process.Start("bash", [Script(), "stop", _tool.File("slurm")]);
            stop.WaitForExit();
        }
        _tool.Dispose();
    }

    private static bool TryKill(int id)
    {
        try
        {
            Kill(id);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // The process has ended by itself.
            return false;
        }
    }
}

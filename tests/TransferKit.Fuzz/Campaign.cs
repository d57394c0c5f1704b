using System.Diagnostics;
using System.Globalization;

namespace TransferKit.Fuzz;

/// <summary>How many inputs of a format are made, from which seed, and when one counts as hanging.</summary>
internal sealed record CampaignPlan
{
    public long Count { get; init; } = 10_000;
    public long Seed { get; init; } = 1;

    /// <summary>The number of the first input, for one that is to be made again.</summary>
    public long First { get; init; }

    /// <summary>The seconds after which an input hangs.</summary>
    public long Hang { get; init; } = 20;

    /// <summary>Gets the folder of inputs that failed.</summary>
    public string Folder { get; init; } = Path.Combine("artifacts", "fuzz");

    /// <summary>The plan with an option of the command line; null where there is none of that name.</summary>
    public CampaignPlan? With(string option, long value) => option switch
    {
        "--count" => this with { Count = value },
        "--seed" => this with { Seed = value },
        "--first" => this with { First = value },
        "--hang" => this with { Hang = value },
        _ => null,
    };
}

/// <summary>Feeds one format's inputs to worker processes, and starts another where one crashed or hung, behind that input.</summary>
internal sealed class Campaign(FuzzFormat format, CampaignPlan plan)
{
    // A reader that dies of every tenth input needs no further proof.
    public const int MostDeaths = 100;

    private readonly Findings _findings = new(format.Name);

    public Findings Run()
    {
        var watch = Stopwatch.StartNew();
        var next = plan.First;
        var end = plan.First + plan.Count;
        while (next < end && _findings.Crashes + _findings.Hangs < MostDeaths)
            next = RunWorker(next, end);
        _findings.Inputs = next - plan.First;
        _findings.Time = watch.Elapsed;
        return _findings;
    }

    // Returns the number of the first input that the worker did not come to.
    private long RunWorker(long first, long end)
    {
        var file = Path.GetTempFileName();
        try
        {
            using var mark = new ProgressMark(file);
            mark.Number = first;
            using var process = Start(first, end, file);
            process.OutputDataReceived += (_, line) => AddUntyped(line.Data);
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            var hangs = WaitForEnd(process, mark);
            process.WaitForExit();
            var at = mark.Number;
            _findings.Read += mark.Read;
            if (hangs)
            {
                _findings.Hangs++;
                Add($"hang of more than {plan.Hang} s", at);
            }
            else if (process.ExitCode != 0)
            {
                _findings.Crashes++;
                Add($"crash, exit code {process.ExitCode}", at);
            }
            else
            {
                return end;
            }
            return at + 1;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private bool WaitForEnd(Process process, ProgressMark mark)
    {
        var (last, since) = (mark.Number, Stopwatch.StartNew());
        while (!process.WaitForExit(50))
        {
            process.Refresh();
            try
            {
                _findings.LargestMemory = Math.Max(_findings.LargestMemory, process.PeakWorkingSet64);
            }
            catch (InvalidOperationException)
            {
                // It has ended meanwhile.
                continue;
            }
            if (mark.Number is var now && now != last)
            {
                (last, since) = (now, Stopwatch.StartNew());
            }
            else if (since.Elapsed.TotalSeconds > plan.Hang)
            {
                process.Kill();
                return true;
            }
        }
        return false;
    }

    private Process Start(long first, long end, string mark)
    {
        string[] numbers = [.. new[] { plan.Seed, first, end }.Select(n => n.ToString(CultureInfo.InvariantCulture))];
        var info = new ProcessStartInfo("dotnet", ["exec", typeof(Worker).Assembly.Location, Worker.Verb, format.Name, .. numbers, mark])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A crash leaves no dump of gigabytes.
        info.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        return Process.Start(info)!;
    }

    private void AddUntyped(string? line)
    {
        if (line?.Split('\t', 2) is not [var number, var kind])
            return;
        lock (_findings)
        {
            _findings.Untyped++;
            Add(kind, long.Parse(number, CultureInfo.InvariantCulture));
        }
    }

    private void Add(string kind, long number)
    {
        if (!_findings.Add(kind, number))
            return;
        Directory.CreateDirectory(plan.Folder);
        var name = string.Create(CultureInfo.InvariantCulture, $"{format.Name}-{plan.Seed}-{number}{format.Extension}");
        File.WriteAllBytes(Path.Combine(plan.Folder, name), format.Input(plan.Seed, number));
    }
}

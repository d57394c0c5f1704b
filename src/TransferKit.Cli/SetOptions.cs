using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>Defines the command-line options of feature sets, and reads them.</summary>
internal sealed class SetOptions
{
    private const string NoWorker = "none";

    public Option<int?> Shards { get; } = new("--shards")
    {
        Description = "For a folder: the number of shards. Defaults to one for each 50,000 files.",
    };

    public Option<string> Worker { get; } = new("--shard")
    {
        Description = "For a folder: write the shards of worker I of N, such as 0/4. Defaults to the index that a scheduler set; "
            + "none ignores it.",
    };

    public Option<int?> Workers { get; } = new("--workers")
    {
        Description = "The number of workers, where a scheduler sets the index alone (Kubernetes, AWS Batch, Azure Batch).",
    };

    public Option<bool> Claim { get; } = new("--claim")
    {
        Description = "For a folder: share the work with other processes. Each claims shards that no other has.",
    };

    public Option<bool> RetryFailed { get; } = new("--retry-failed") { Description = "Try files again that failed in an earlier run." };

    public Option<bool> Restart { get; } = new("--restart")
    {
        Description = "Discard the features of an earlier run that had other options, and compute all again.",
    };

    public IEnumerable<Option> All =>
        GroupedHelp.Under("Feature sets and continued runs", [Shards, Worker, Workers, Claim, RetryFailed, Restart]);

    /// <summary>Gets the options of an extraction into one file.</summary>
    public FeatureSetOptions ReadForFile(ParseResult parsed, string file)
    {
        foreach (var option in new Option[] { Shards, Worker, Workers, Claim })
        {
            if (parsed.GetResult(option) is { Implicit: false })
                throw new ArgumentException($"{option.Name} is for a feature set, which is a folder: --out {file}/.");
        }
        return new() { RetryFailed = parsed.GetValue(RetryFailed), Restart = parsed.GetValue(Restart) };
    }

    /// <summary>Gets the options of an extraction into a folder. A worker's number that a scheduler set is printed.</summary>
    public FeatureSetOptions ReadForFolder(ParseResult parsed)
    {
        var options = new FeatureSetOptions
        {
            Shards = parsed.GetValue(Shards),
            Claim = parsed.GetValue(Claim),
            RetryFailed = parsed.GetValue(RetryFailed),
            Restart = parsed.GetValue(Restart),
        };
        var worker = WorkerOf(parsed, options.Claim);
        if (worker is not null && options.Claim)
            throw new ArgumentException("--shard and --claim exclude each other: a worker of a number claims no shards.");
        return options with { Worker = worker };
    }

    private ShardWorker? WorkerOf(ParseResult parsed, bool claims)
    {
        var text = parsed.GetValue(Worker);
        if (text is not null)
            return text == NoWorker ? null : ShardWorker.Parse(text);
        if (claims)
            return null;
        var worker = ShardWorker.FromEnvironment(parsed.GetValue(Workers), out var variable);
        if (worker is not null)
            Terminal.Error($"worker {worker}, by {variable}; --shard none writes all shards");
        return worker;
    }
}

using System.Globalization;

namespace TransferKit.FeatureSets;

/// <summary>Reads the variables by which schedulers number the workers of one job.</summary>
internal static class WorkerVariables
{
    /// <param name="Index">The variable of the index.</param>
    /// <param name="Count">The variable of the number of workers; null if the scheduler sets none.</param>
    /// <param name="First">The variable of the first index; null if it is 0.</param>
    /// <param name="Step">The variable of the distance between indices; null if it is 1.</param>
    private sealed record Scheduler(string Index, string? Count = null, string? First = null, string? Step = null);

    // Azure Batch names tasks, and only a name that is a number is an index.
    private const string AzureTask = "AZ_BATCH_TASK_ID";

    private static readonly Scheduler[] Schedulers =
    [
        new("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP"),
        new("JOB_COMPLETION_INDEX"),
        new("AWS_BATCH_JOB_ARRAY_INDEX"),
        new("CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT"),
        new(AzureTask),
    ];

    public static ShardWorker? Find(int? count, Func<string, string?> read, out string? variable)
    {
        foreach (var scheduler in Schedulers)
        {
            variable = scheduler.Index;
            if (read(variable) is not { Length: > 0 } text || (variable == AzureTask && !text.All(char.IsAsciiDigit)))
                continue;
            var index = (Number(variable, 0) - Number(scheduler.First, 0)) / Math.Max(1, Number(scheduler.Step, 1));
            var workers = count ?? Number(scheduler.Count, 0);
            return workers > 0
                ? new ShardWorker(index, workers)
                : throw new FormatException(
                    $"{variable} is {text}, but the number of workers is not known: add --workers N, or --shard none.");
        }
        variable = null;
        return null;

        int Number(string? name, int otherwise) => name is null ? otherwise : Parse(name, read(name), otherwise);
    }

    private static int Parse(string name, string? text, int otherwise) => string.IsNullOrEmpty(text) ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"{name} is '{text}', which is no number. Set it, or use --shard none.");
}

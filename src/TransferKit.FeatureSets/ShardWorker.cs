using System.Globalization;
using TransferKit.FeatureSets;

namespace TransferKit;

/// <summary>Represents one of several workers that share the shards of a feature set by a number.</summary>
public readonly record struct ShardWorker
{
    /// <summary>Initializes a worker.</summary>
    /// <param name="index">The index of the worker, from 0.</param>
    /// <param name="count">The number of workers.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is less than 1, or the index is not below it.</exception>
    public ShardWorker(int index, int count)
    {
        if (count < 1)
            throw new ArgumentOutOfRangeException(nameof(count), $"There are {count} workers; there must be at least 1.");
        if (index < 0 || index >= count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(index), $"The index of the worker is {index}; with {count} workers it must be from 0 to {count - 1}.");
        }
        (Index, Count) = (index, count);
    }

    /// <summary>Gets the index of the worker, from 0.</summary>
    public int Index { get; }

    /// <summary>Gets the number of workers, at least 1.</summary>
    public int Count { get; }

    /// <summary>Parses index and count, such as <c>3/16</c>.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text has another form.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The index is not below the count.</exception>
    public static ShardWorker Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split('/') is [var index, var count] && Number(index) is { } i && Number(count) is { } n
            ? new(i, n)
            : throw new FormatException($"'{text}' is no worker. Write its index from 0 and the number of workers, such as 3/16.");
    }

    /// <summary>
    /// Gets the worker that a scheduler numbered by variables of the environment: an array job of Slurm or AWS Batch, an indexed job of
    /// Kubernetes, a job of Cloud Run, or a numbered task of Azure Batch.
    /// </summary>
    /// <param name="count">The number of workers, where the scheduler does not tell it; null if it is not known.</param>
    /// <param name="variable">The name of the variable that has the index; null if there is none.</param>
    /// <param name="read">Reads a variable. Defaults to the process' own.</param>
    /// <returns>The worker; null if no scheduler has numbered this process.</returns>
    /// <exception cref="FormatException">A variable has no number, or the number of workers is not known.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The index is not below the count.</exception>
    public static ShardWorker? FromEnvironment(int? count, out string? variable, Func<string, string?>? read = null) =>
        WorkerVariables.Find(count, read ?? Environment.GetEnvironmentVariable, out variable);

    /// <summary>Returns index and count, such as <c>3/16</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Index}/{Count}");

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

using System.Globalization;

namespace TransferKit.Training;

/// <summary>Why a fit ended.</summary>
public enum StopReason
{
    /// <summary>All epochs were done.</summary>
    Completed,

    /// <summary>A callback asked for it, such as <see cref="EarlyStopping"/>.</summary>
    Callback,
}

/// <summary>What one epoch came to.</summary>
public sealed class EpochResult
{
    internal EpochResult(string phase, int epoch, IReadOnlyDictionary<string, double> logs, TimeSpan duration) =>
        (Phase, Epoch, Logs, Duration) = (phase, epoch, logs, duration);

    /// <summary>The part of the training it belongs to: <c>head</c>, <c>fine-tune</c>, or the name given.</summary>
    public string Phase { get; }

    /// <summary>The epoch, from 1.</summary>
    public int Epoch { get; }

    /// <summary>By Keras' names: <c>loss</c>, <c>accuracy</c>, <c>val_loss</c>, <c>val_accuracy</c>, <c>learning_rate</c>.</summary>
    public IReadOnlyDictionary<string, double> Logs { get; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; }

    /// <summary>As Keras prints it: <c>loss: 0.3012 - accuracy: 0.9123</c>.</summary>
    public override string ToString() => string.Join(" - ", Logs.Select(l => $"{l.Key}: {l.Value.ToString(l.Key == "learning_rate" ? "G3" : "0.0000", CultureInfo.InvariantCulture)}"));
}

/// <summary>What training came to, epoch by epoch (Keras: <c>History</c>).</summary>
public sealed class History
{
    internal History(IReadOnlyList<EpochResult> epochs, StopReason stopReason, IReadOnlyDictionary<string, Exception> unreadable) =>
        (Epochs, StopReason, Unreadable) = (epochs, stopReason, unreadable);

    /// <summary>The epochs, in order; of several phases, one after the other.</summary>
    public IReadOnlyList<EpochResult> Epochs { get; }

    /// <summary>Why the last phase ended.</summary>
    public StopReason StopReason { get; }

    /// <summary>Files that were left out, and why.</summary>
    public IReadOnlyDictionary<string, Exception> Unreadable { get; }

    /// <summary>One value's course: <c>history["val_loss"]</c>.</summary>
    /// <param name="name">Keras' name of the value.</param>
    /// <exception cref="KeyNotFoundException">There is no such value, such as <c>val_loss</c> without validation images.</exception>
    public IReadOnlyList<double> this[string name] => [.. Epochs.Select(e => e.Logs[name])];

    internal static History Join(History first, History second) =>
        new([.. first.Epochs, .. second.Epochs], second.StopReason, first.Unreadable.Concat(second.Unreadable).DistinctBy(u => u.Key).ToDictionary());
}

/// <summary>Where a fit is, told after each step.</summary>
public sealed class FitProgress
{
    internal FitProgress(string phase, int epoch, int epochs, int step, int steps, IReadOnlyDictionary<string, double> logs, bool isEpochEnd) =>
        (Phase, Epoch, Epochs, Step, Steps, Logs, IsEpochEnd) = (phase, epoch, epochs, step, steps, logs, isEpochEnd);

    /// <summary>The part of the training: <c>head</c>, <c>fine-tune</c>; <c>extract</c> while features are computed, once.</summary>
    public string Phase { get; }

    /// <summary>The epoch, from 1.</summary>
    public int Epoch { get; }

    /// <summary>How many there will be at most.</summary>
    public int Epochs { get; }

    /// <summary>Batches done in this epoch.</summary>
    public int Step { get; }

    /// <summary>Batches in an epoch.</summary>
    public int Steps { get; }

    /// <summary>Loss and metrics over the epoch so far; at its end, those of validation too.</summary>
    public IReadOnlyDictionary<string, double> Logs { get; }

    /// <summary>Whether the epoch is over.</summary>
    public bool IsEpochEnd { get; }
}

using System.Globalization;

namespace TransferKit.Training;

/// <summary>Specifies why a fit ended.</summary>
public enum StopReason
{
    /// <summary>The fit finished all epochs.</summary>
    Completed,

    /// <summary>A callback such as <see cref="EarlyStopping"/> stopped the fit.</summary>
    Callback,
}

/// <summary>Represents the result of one epoch.</summary>
public sealed class EpochResult
{
    internal EpochResult(string phase, int epoch, IReadOnlyDictionary<string, double> logs, TimeSpan duration) =>
        (Phase, Epoch, Logs, Duration) = (phase, epoch, logs, duration);

    /// <summary>Gets the name of the fit: <c>head</c>, <c>fine-tune</c> or <see cref="FitOptions.Phase"/>.</summary>
    public string Phase { get; }

    /// <summary>Gets the number of the epoch, from 1.</summary>
    public int Epoch { get; }

    /// <summary>Gets the values by Keras' names, such as <c>loss</c>, <c>val_accuracy</c> and <c>learning_rate</c>.</summary>
    public IReadOnlyDictionary<string, double> Logs { get; }

    /// <summary>Gets the duration of the epoch with its validation.</summary>
    public TimeSpan Duration { get; }

    /// <summary>Returns the values as Keras prints them: <c>loss: 0.3012 - accuracy: 0.9123</c>.</summary>
    public override string ToString() => string.Join(" - ", Logs.Select(
        l => $"{l.Key}: {l.Value.ToString(l.Key == "learning_rate" ? "G3" : "0.0000", CultureInfo.InvariantCulture)}"));
}

/// <summary>Represents the results of training by epoch (Keras: <c>History</c>).</summary>
public sealed class History
{
    internal History(IReadOnlyList<EpochResult> epochs, StopReason stopReason, IReadOnlyDictionary<string, Exception> unreadable) =>
        (Epochs, StopReason, Unreadable) = (epochs, stopReason, unreadable);

    /// <summary>Gets the epochs of all phases in order.</summary>
    public IReadOnlyList<EpochResult> Epochs { get; }

    /// <summary>Gets why the last phase ended.</summary>
    public StopReason StopReason { get; }

    /// <summary>Gets the errors of skipped files, by path.</summary>
    public IReadOnlyDictionary<string, Exception> Unreadable { get; }

    /// <summary>Gets one value of all epochs: <c>history["val_loss"]</c>.</summary>
    /// <param name="name">Keras' name of the value.</param>
    /// <exception cref="KeyNotFoundException">There is no such value, such as <c>val_loss</c> without validation images.</exception>
    public IReadOnlyList<double> this[string name] => [.. Epochs.Select(e => e.Logs[name])];

    internal static History Join(History first, History second) => new(
        [.. first.Epochs, .. second.Epochs], second.StopReason,
        first.Unreadable.Concat(second.Unreadable).DistinctBy(u => u.Key).ToDictionary());
}

/// <summary>Represents the progress of a fit, reported after each step.</summary>
public sealed class FitProgress
{
    internal FitProgress(
        string phase, int epoch, int epochs, int step, int steps, IReadOnlyDictionary<string, double> logs, bool isEpochEnd) =>
        (Phase, Epoch, Epochs, Step, Steps, Logs, IsEpochEnd) = (phase, epoch, epochs, step, steps, logs, isEpochEnd);

    /// <summary>Gets the name of the fit, or <c>extract</c> while the cache of frozen layers' outputs is filled.</summary>
    public string Phase { get; }

    /// <summary>Gets the number of the epoch, from 1, or 0 during <c>extract</c>.</summary>
    public int Epoch { get; }

    /// <summary>Gets the largest number of epochs, or 0 during <c>extract</c>.</summary>
    public int Epochs { get; }

    /// <summary>Gets the number of finished batches of this epoch, or of finished images during <c>extract</c>.</summary>
    public int Step { get; }

    /// <summary>Gets the number of batches of an epoch, or of images during <c>extract</c>.</summary>
    public int Steps { get; }

    /// <summary>Gets loss and metric of the epoch so far. The last report of an epoch includes validation.</summary>
    public IReadOnlyDictionary<string, double> Logs { get; }

    /// <summary>Gets whether the epoch has ended.</summary>
    public bool IsEpochEnd { get; }
}

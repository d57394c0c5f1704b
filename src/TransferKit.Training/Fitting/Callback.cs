using System.Globalization;
using System.Text;
using TransferKit.Common;
using TransferKit.Configs.Writing;

namespace TransferKit.Training;

/// <summary>
/// Represents a callback that observes the epochs of a fit and may change its course (Keras: <c>Callback</c>). A fit that
/// resumes from a checkpoint replays the finished epochs, so that callbacks restore their state; see
/// <see cref="TrainingRun.IsReplaying"/>.
/// </summary>
public abstract class Callback
{
    /// <summary>Called before the first epoch, also of a resumed fit.</summary>
    /// <param name="run">The running fit.</param>
    public virtual void OnTrainBegin(TrainingRun run) { }

    /// <summary>Called after each epoch and its validation.</summary>
    /// <param name="run">The running fit.</param>
    /// <param name="epoch">The result of the epoch.</param>
    public virtual void OnEpochEnd(TrainingRun run, EpochResult epoch) { }

    /// <summary>Returns the name and the settings as text, which checkpoints compare.</summary>
    public override string ToString() => GetType().Name;
}

/// <summary>Represents a running fit for callbacks.</summary>
public sealed class TrainingRun
{
    internal TrainingRun(TransferModel model, string monitor) => (Model, DefaultMonitor) = (model, monitor);

    /// <summary>Gets the model in training.</summary>
    public TransferModel Model { get; }

    /// <summary>Gets the results of the epochs so far.</summary>
    public IReadOnlyList<EpochResult> Epochs => Done;

    /// <summary>Gets whether the epoch is a replay from a checkpoint.</summary>
    public bool IsReplaying { get; internal set; }

    /// <summary>Gets or sets whether the fit ends after this epoch.</summary>
    public bool StopTraining { get; set; }

    /// <summary>Gets or sets whether the model ends with the weights of the best epoch instead of the last.</summary>
    public bool RestoreBestWeights { get; set; }

    /// <summary>Gets or sets the factor of the learning rate from the next epoch on. Defaults to 1.</summary>
    public double LearningRateScale { get; set; } = 1;

    /// <summary>Gets whether this epoch is the best so far by <see cref="FitOptions.Monitor"/>.</summary>
    public bool IsBest { get; internal set; }

    /// <summary>Gets or sets by how much an epoch must be better for its weights to become the best ones.</summary>
    internal double BestMinDelta { get; set; }

    internal string DefaultMonitor { get; }
    internal List<EpochResult> Done { get; } = [];

    internal static bool HigherIsBetter(string monitor) => monitor.Contains("accuracy", StringComparison.Ordinal);

    internal double Value(EpochResult epoch, string? monitor) => epoch.Logs.TryGetValue(monitor ?? DefaultMonitor, out var value)
        ? value
        : throw new ArgumentException($"There is no value '{monitor}' to monitor. Use one of {string.Join(", ", epoch.Logs.Keys)}.");
}

/// <summary>Represents a callback that monitors one value of the epochs.</summary>
public abstract class MonitorCallback : Callback
{
    private double? _best;

    private protected MonitorCallback() { }

    /// <summary>Gets the name of the monitored value. Defaults to <see cref="FitOptions.Monitor"/>.</summary>
    public string? Monitor { get; init; }

    /// <summary>
    /// Gets the smallest change that counts as an improvement (Keras: <c>min_delta</c>). Defaults to 0, and to 0.0001 in
    /// <see cref="ReduceLearningRateOnPlateau"/>.
    /// </summary>
    public double MinDelta { get; init; }

    private protected int Waited { get; set; }

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingRun run) => (_best, Waited) = (null, 0);

    private protected bool Improves(TrainingRun run, EpochResult epoch)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(epoch);
        var value = run.Value(epoch, Monitor);
        var higher = TrainingRun.HigherIsBetter(Monitor ?? run.DefaultMonitor);
        if (_best is { } best && !(higher ? value > best + MinDelta : value < best - MinDelta))
        {
            Waited++;
            return false;
        }
        (_best, Waited) = (value, 0);
        return true;
    }
}

/// <summary>Ends a fit that has not improved for some epochs (Keras: <c>EarlyStopping</c>).</summary>
public sealed class EarlyStopping : MonitorCallback
{
    /// <summary>Gets the number of epochs without improvement that ends the fit. Defaults to 0.</summary>
    public int Patience { get; init; }

    /// <summary>
    /// Gets whether the model ends with the weights of the best epoch by <see cref="FitOptions.Monitor"/>, as in Keras also if the fit
    /// finishes all epochs. An epoch must be better by <see cref="MonitorCallback.MinDelta"/>. Defaults to false.
    /// </summary>
    public bool RestoreBestWeights { get; init; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The callback restores the best weights by another monitor than the fit's.</exception>
    public override void OnTrainBegin(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        base.OnTrainBegin(run);
        if (RestoreBestWeights && Monitor is { } own && own != run.DefaultMonitor)
        {
            throw new ArgumentException(
                $"EarlyStopping monitors {own} and restores the best weights, but the fit saves those of the best {run.DefaultMonitor}. "
                + $"Set FitOptions.Monitor to {own}.");
        }
        if (RestoreBestWeights)
            (run.RestoreBestWeights, run.BestMinDelta) = (true, MinDelta);
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingRun run, EpochResult epoch)
    {
        if (!Improves(run, epoch) && Waited >= Patience)
            run.StopTraining = true;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"EarlyStopping({Monitor}, {MinDelta:R}, {Patience}, {RestoreBestWeights})");
}

/// <summary>Reduces the learning rate after some epochs without improvement (Keras: <c>ReduceLROnPlateau</c>).</summary>
public sealed class ReduceLearningRateOnPlateau : MonitorCallback
{
    /// <summary>Initializes the callback with Keras' <c>min_delta</c> of 0.0001.</summary>
    public ReduceLearningRateOnPlateau() => MinDelta = 1e-4;

    /// <summary>Gets the factor of each reduction, over 0 and under 1. Defaults to 0.1.</summary>
    public double Factor
    {
        get;
        init => field = value is > 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Factor), value, "The factor must be over 0 and under 1.");
    } = 0.1;

    /// <summary>Gets the number of epochs without improvement that reduces the rate. Defaults to 10.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>Gets the smallest fraction of the rate. Defaults to 0.</summary>
    public double MinScale { get; init; }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingRun run, EpochResult epoch)
    {
        if (Improves(run, epoch) || Waited < Patience)
            return;
        run.LearningRateScale = Math.Max(MinScale, run.LearningRateScale * Factor);
        Waited = 0;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"ReduceLearningRateOnPlateau({Monitor}, {MinDelta:R}, {Factor:R}, {Patience}, {MinScale:R})");
}

/// <summary>Saves the model after each new best epoch, or after each epoch (Keras: <c>ModelCheckpoint</c>).</summary>
/// <param name="path">The path of the file, <c>.keras</c> or <c>.h5</c>, as for <see cref="TransferModel.Save"/>.</param>
public sealed class ModelCheckpoint(string path) : Callback
{
    /// <summary>Gets whether only the best epochs are saved. Defaults to true.</summary>
    public bool SaveBestOnly { get; init; } = true;

    /// <inheritdoc/>
    /// <exception cref="OutputFormatException">The extension is neither <c>.keras</c> nor <c>.h5</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public override void OnTrainBegin(TrainingRun run) => OutputTarget.OfWritable(path, KerasModelWriter.Keras, KerasModelWriter.Legacy);

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingRun run, EpochResult epoch)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (!run.IsReplaying && (run.IsBest || !SaveBestOnly))
            run.Model.Save(path);
    }
}

/// <summary>Writes a table with a row per epoch (Keras: <c>CSVLogger</c>).</summary>
/// <param name="path">The path of the <c>.csv</c> file, which each epoch replaces atomically.</param>
public sealed class CsvLogger(string path) : Callback
{
    /// <inheritdoc/>
    /// <exception cref="OutputFormatException">The extension is not <c>.csv</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public override void OnTrainBegin(TrainingRun run) => OutputTarget.OfWritable(path, ".csv");

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingRun run, EpochResult epoch)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.IsReplaying)
            return;
        var names = run.Epochs[0].Logs.Keys.ToArray();
        var table = new StringBuilder($"epoch,{string.Join(',', names)}\n");
        foreach (var row in run.Epochs)
        {
            table.Append(
                CultureInfo.InvariantCulture,
                $"{row.Epoch},{string.Join(',', names.Select(n => row.Logs[n].ToString("R", CultureInfo.InvariantCulture)))}\n");
        }
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(table.ToString())));
    }
}

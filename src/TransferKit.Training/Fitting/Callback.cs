using System.Globalization;
using System.Text;
using TransferKit.Common;

namespace TransferKit.Training;

/// <summary>
/// Is told of a fit's epochs and may change its course (Keras: <c>Callback</c>). A fit that goes on from a checkpoint
/// tells of the epochs before again, so that a callback comes to the state it had; only <see cref="TrainingRun.IsReplaying"/>
/// says that they are old.
/// </summary>
public abstract class Callback
{
    /// <summary>Before the first epoch; of a fit that goes on too.</summary>
    /// <param name="run">The fit.</param>
    public virtual void OnTrainBegin(TrainingRun run) { }

    /// <summary>After each epoch and its validation.</summary>
    /// <param name="run">The fit.</param>
    /// <param name="epoch">What the epoch came to.</param>
    public virtual void OnEpochEnd(TrainingRun run, EpochResult epoch) { }

    /// <summary>The name and settings; a checkpoint compares them.</summary>
    public override string ToString() => GetType().Name;
}

/// <summary>A fit while it runs, as callbacks see it.</summary>
public sealed class TrainingRun
{
    internal TrainingRun(TransferModel model, string monitor) => (Model, DefaultMonitor) = (model, monitor);

    /// <summary>The model that is trained.</summary>
    public TransferModel Model { get; }

    /// <summary>The epochs so far.</summary>
    public IReadOnlyList<EpochResult> Epochs => Done;

    /// <summary>Whether the epoch that is told of was done before the fit was interrupted.</summary>
    public bool IsReplaying { get; internal set; }

    /// <summary>Set to end the fit after this epoch.</summary>
    public bool StopTraining { get; set; }

    /// <summary>Set to end with the best epoch's weights and not with the last one's.</summary>
    public bool RestoreBestWeights { get; set; }

    /// <summary>What the learning rate is multiplied by from the next epoch on.</summary>
    public double LearningRateScale { get; set; } = 1;

    /// <summary>Whether this epoch is the best so far by the fit's <see cref="FitOptions.Monitor"/>.</summary>
    public bool IsBest { get; internal set; }

    internal string DefaultMonitor { get; }
    internal List<EpochResult> Done { get; } = [];

    internal static bool HigherIsBetter(string monitor) => monitor.Contains("accuracy", StringComparison.Ordinal);

    internal double Value(EpochResult epoch, string? monitor) => epoch.Logs.TryGetValue(monitor ?? DefaultMonitor, out var value)
        ? value
        : throw new ArgumentException($"There is no '{monitor}' to monitor; this fit has {string.Join(", ", epoch.Logs.Keys)}.");
}

/// <summary>Watches one value of the epochs.</summary>
public abstract class MonitorCallback : Callback
{
    private double? _best;

    private protected MonitorCallback() { }

    /// <summary>The value that is watched; the fit's own monitor when left out.</summary>
    public string? Monitor { get; init; }

    /// <summary>What counts as better (Keras: <c>min_delta</c>).</summary>
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

/// <summary>Ends a fit that has got no better for some epochs (Keras: <c>EarlyStopping</c>).</summary>
public sealed class EarlyStopping : MonitorCallback
{
    /// <summary>After how many epochs without a better one.</summary>
    public int Patience { get; init; }

    /// <summary>Whether the model ends with the best epoch's weights, by the fit's own <see cref="FitOptions.Monitor"/>.</summary>
    public bool RestoreBestWeights { get; init; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The best weights are wanted by another value than the fit's.</exception>
    public override void OnTrainBegin(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        base.OnTrainBegin(run);
        if (RestoreBestWeights && Monitor is { } own && own != run.DefaultMonitor)
            throw new ArgumentException($"EarlyStopping watches {own} and shall restore the best weights, and the fit keeps those of the best {run.DefaultMonitor}: set FitOptions.Monitor to {own}.");
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingRun run, EpochResult epoch)
    {
        if (Improves(run, epoch) || Waited < Patience)
            return;
        run.StopTraining = true;
        run.RestoreBestWeights |= RestoreBestWeights;
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"EarlyStopping({Monitor}, {MinDelta:R}, {Patience}, {RestoreBestWeights})");
}

/// <summary>Lowers the learning rate where some epochs got no better (Keras: <c>ReduceLROnPlateau</c>).</summary>
public sealed class ReduceLearningRateOnPlateau : MonitorCallback
{
    /// <summary>What the rate is multiplied by.</summary>
    public double Factor
    {
        get;
        init => field = value is > 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(Factor), value, "The factor is over 0 and under 1.");
    } = 0.1;

    /// <summary>After how many epochs without a better one.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>The least that is left of the rate, as a share.</summary>
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
    public override string ToString() => FormattableString.Invariant($"ReduceLearningRateOnPlateau({Monitor}, {MinDelta:R}, {Factor:R}, {Patience}, {MinScale:R})");
}

/// <summary>Saves the model after each epoch that is the best so far, or after each (Keras: <c>ModelCheckpoint</c>).</summary>
/// <param name="path">The <c>.h5</c> file.</param>
public sealed class ModelCheckpoint(string path) : Callback
{
    /// <summary>Whether only the best epochs are saved.</summary>
    public bool SaveBestOnly { get; init; } = true;

    /// <inheritdoc/>
    /// <exception cref="OutputFormatException">The extension is not <c>.h5</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public override void OnTrainBegin(TrainingRun run) => OutputTarget.OfWritable(path, ".h5");

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingRun run, EpochResult epoch)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (!run.IsReplaying && (run.IsBest || !SaveBestOnly))
            run.Model.Save(path);
    }
}

/// <summary>Keeps a table of the epochs, a row each (Keras: <c>CSVLogger</c>).</summary>
/// <param name="path">The <c>.csv</c> file; written anew after each epoch, whole.</param>
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
            table.Append(CultureInfo.InvariantCulture, $"{row.Epoch},{string.Join(',', names.Select(n => row.Logs[n].ToString("R", CultureInfo.InvariantCulture)))}\n");
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(table.ToString())));
    }
}

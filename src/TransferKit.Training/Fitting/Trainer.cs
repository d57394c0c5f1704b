using System.Diagnostics;
using TransferKit.Architectures;
using TransferKit.Common;
using TransferKit.Training.Torch;
using static TorchSharp.torch;

namespace TransferKit.Training.Fitting;

/// <summary>Runs one fit from its first epoch or from a checkpoint.</summary>
internal sealed class Trainer
{
    private readonly TransferModel _model;
    private readonly TorchGraph _graph;
    private readonly FitOptions _options;
    private readonly IProgress<FitProgress>? _progress;
    private readonly ImageFolder _train;
    private readonly ImageFolder? _validation;
    private readonly Loss _loss;
    private readonly Measurement _measurement;
    private readonly string _monitor;
    private readonly TrainingRun _run;
    private readonly Tensor[] _weights;
    private readonly Tensor[][] _slots;
    private readonly (Tensor Weight, double L1, double L2)[] _penalties;
    private readonly Augmentation[] _augmentation;
    private readonly int _stepsPerEpoch;
    private long _steps;
    private double? _bestValue;
    private double? _restorableValue;
    private bool _isRestorable;
    private WeightSnapshot? _best;

    public Trainer(TransferModel model, ImageFolder train, ImageFolder? validation, FitOptions options, IProgress<FitProgress>? progress)
    {
        (_model, _graph, _options, _progress) = (model, model.Graph, options, progress);
        _train = DataRules.CheckTraining(train, model);
        _validation = validation is null ? null : DataRules.Check(validation, model.Task, model.Labels);
        _loss = new(model.Task, model.OutputCount, options.LabelSmoothing, ClassWeights());
        _measurement = new(_graph, new(model.Task, model.OutputCount, options.LabelSmoothing));
        _monitor = options.Monitor ?? (validation is null ? "loss" : "val_loss");
        _run = new(model, _monitor) { RestoreBestWeights = options.RestoreBestWeights };
        _graph.SetModes(model.Learns, model.RunsAsInTraining);
        _weights = [.. _graph.TrainableWeights];
        if (_weights.Length == 0)
            throw new InvalidOperationException("No layer of the model is trainable. Call FineTuneFrom or FineTuneAll first.");
        _slots = [.. _weights.Select(
            w => Enumerable.Range(0, options.Optimizer.SlotCount).Select(_ => zeros_like(w).DetachFromDisposeScope()).ToArray())];
        var head = options.HeadL2 > 0 ? model.HeadKernels : [];
        _penalties = [.. model.Penalties, .. head.Select(k => (k, 0.0, options.HeadL2))];
        _augmentation = [.. model.Augmentation, .. options.Augmentation];
        _stepsPerEpoch = (_train.Images.Count + options.BatchSize - 1) / options.BatchSize;
    }

    public History Run(CancellationToken cancellationToken)
    {
        try
        {
            if (_options.Checkpoint is { } path)
                OutputTarget.OfWritable(path);
            var identity = _options.Checkpoint is null ? "" : Identity();
            Resume(identity);
            if (!IsOver)
            {
                var (train, validation) = Feeds(cancellationToken);
                while (!IsOver)
                {
                    Epoch(train, validation, cancellationToken);
                    Save(identity);
                }
                return Finish(train.Unreadable, validation?.Unreadable);
            }
            return Finish(null, null);
        }
        catch (OperationCanceledException)
        {
            RestoreBest();
            throw;
        }
        finally
        {
            foreach (var slot in _slots.SelectMany(s => s))
                slot.Dispose();
        }
    }

    private bool IsOver => _run.StopTraining || _run.Done.Count >= _options.Epochs;

    private void Epoch(Feed train, Feed? validation, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var epoch = _run.Done.Count + 1;
        var order = Enumerable.Range(0, _train.Images.Count).ToArray();
        Draw.Shuffle(order, _options.Seed, epoch);
        var key = (long)Draw.Key(_options.Seed, epoch);
        var (sum, metric, seen, step) = (0.0, 0.0, 0, 0);
        var rate = 0.0;
        foreach (var batch in train.Read(order, _options.BatchSize, key, cancellationToken))
        {
            using (batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                rate = _options.Optimizer.LearningRate.At(_steps, (long)_options.Epochs * _stepsPerEpoch) * _run.LearningRateScale;
                var (loss, right) = Step(train, batch, epoch, rate);
                seen += batch.Images.Length;
                step++;
                (sum, metric) = (sum + loss * batch.Images.Length, metric + right);
                Report(epoch, step, false, new() { ["loss"] = sum / seen, [_loss.Metric] = metric / seen });
            }
        }
        if (seen == 0)
            throw new TrainingDataException(TrainingDataError.NothingReadable, _train.Source, "no image could be read.");

        var logs = new OrderedDictionary<string, double> { ["loss"] = sum / seen, [_loss.Metric] = metric / seen };
        if (validation is not null)
        {
            var measured = _measurement.Of(validation, _options.BatchSize, cancellationToken);
            var loss = measured.Loss + Penalty();
            if (!double.IsFinite(loss))
                throw Diverged(epoch, loss);
            (logs["val_loss"], logs["val_" + _loss.Metric]) = (loss, measured.Metric);
        }
        logs["learning_rate"] = rate;
        Done(new(_options.Phase, epoch, logs, clock.Elapsed));
        Report(epoch, step, true, new(logs));
    }

    private (double Loss, double Metric) Step(Feed feed, FeedBatch batch, int epoch, double rate)
    {
        using var scope = NewDisposeScope();
        _graph.Random.manual_seed((long)(Draw.Key(_options.Seed, _steps, 1) >> 1));
        var images = batch.Images.Select(i => feed.Folder.Images[i]).ToArray();
        var values = _loss.Targets(images);
        var targets = tensor(values, [images.Length, values.Length / images.Length]).clone().to(_graph.Device);
        var counts = _loss.SampleWeights(images) is { } each ? tensor(each, device: _graph.Device) : null;
        var logits = _graph.Run(batch.Input().to(_graph.Device), feed.Start, _graph.Graph.Output, logits: true);
        var loss = _loss.Of(logits, targets, counts);
        foreach (var penalty in _penalties)
            loss = loss.Plus(Of(penalty));
        var value = loss.item<float>();
        if (!float.IsFinite(value))
            throw Diverged(epoch, value);
        loss.backward();
        _steps++;
        _options.Optimizer.Apply(_weights, [.. _weights.Select(w => w.grad!)], _slots, rate, _steps);
        foreach (var weight in _weights)
            weight.grad = null;
        using var noGrad = no_grad();
        return (value, _loss.Measure(logits, targets));
    }

    private double Penalty()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return _penalties.Sum(penalty => Of(penalty).item<float>());
    }

    private static Tensor Of((Tensor Weight, double L1, double L2) penalty) => (penalty.L1, penalty.L2) switch
    {
        (0, var l2) => penalty.Weight.Square().sum().Times(l2),
        (var l1, 0) => penalty.Weight.abs().sum().Times(l1),
        var (l1, l2) => penalty.Weight.abs().sum().Times(l1).Plus(penalty.Weight.Square().sum().Times(l2)),
    };

    // Callbacks see epochs before a kill as they saw them then, so that they reach the same state.
    private void Done(EpochResult epoch, bool isReplaying = false)
    {
        _run.Done.Add(epoch);
        var value = _run.Value(epoch, _monitor);
        _run.IsBest = IsBetter(value, _bestValue, 0);
        if (_run.IsBest)
            _bestValue = value;
        _isRestorable = IsBetter(value, _restorableValue, _run.BestMinDelta);
        if (_isRestorable)
        {
            _restorableValue = value;
            if (!isReplaying)
                _best = _graph.Snapshot();
        }
        _run.IsReplaying = isReplaying;
        foreach (var callback in _options.Callbacks)
            callback.OnEpochEnd(_run, epoch);
    }

    private bool IsBetter(double value, double? best, double least) =>
        best is not { } other || (TrainingRun.HigherIsBetter(_monitor) ? value > other + least : value < other - least);

    private History Finish(IReadOnlyDictionary<string, Exception>? train, IReadOnlyDictionary<string, Exception>? validation)
    {
        if (_run.RestoreBestWeights)
            RestoreBest();
        var unreadable = (train ?? new Dictionary<string, Exception>()).Concat(validation ?? new Dictionary<string, Exception>());
        return new(
            [.. _run.Done], _run.StopTraining ? StopReason.Callback : StopReason.Completed,
            unreadable.DistinctBy(u => u.Key).ToDictionary());
    }

    private TrainingDivergedException Diverged(int epoch, double loss)
    {
        RestoreBest();
        return new(epoch, _steps + 1, loss, _run.Done.Count > 0 ? _options.Checkpoint : null);
    }

    private void RestoreBest()
    {
        if (_best is not null)
            _graph.Load(_best);
    }

    private (Feed Train, Feed? Validation) Feeds(CancellationToken cancellationToken)
    {
        var start = _graph.Graph.Input;
        var boundary = FrozenFront.Last(_graph.Graph, l => _model.Learns(l) || _model.RunsAsInTraining(l));
        var images = _train.Images.Count + (_validation?.Images.Count ?? 0);
        if (_augmentation.Length == 0 && FeatureCache.SizeOf(boundary, images) <= _options.FeatureCacheBytes)
            start = boundary;
        return (FeedOf(_train, _augmentation), _validation is null ? null : FeedOf(_validation, []));

        Feed FeedOf(ImageFolder folder, IReadOnlyList<Augmentation> augmentation)
        {
            var cacheBytes = start == _graph.Graph.Input ? _options.ImageCacheBytes : 0;
            var reader = new ImageReader(folder, _model.Images, _model.InputSize, _options.UnreadableImages, cacheBytes);
            var features = start == _graph.Graph.Input
                ? null
                : FeatureCache.Compute(
                    _model.Network with { Outputs = [start] }, _graph.Snapshot(), reader, ReportFeatures, cancellationToken);
            return new(reader, new(reader, _model.Preprocess, augmentation), start, features);
        }

        void ReportFeatures(int done, int all) =>
            _progress?.Report(new("extract", 0, 0, done, all, new Dictionary<string, double>(), false));
    }

    private void Resume(string identity)
    {
        foreach (var callback in _options.Callbacks)
            callback.OnTrainBegin(_run);
        if (_options.Checkpoint is not { } path || !File.Exists(path))
            return;
        var state = FitState.Load(path);
        if (state.Run != identity)
        {
            throw TrainedModelException.OfCheckpoint(
                path, $"it belongs to another fit: {FirstDifference(state.Run, identity)} Delete it to begin anew, or name another.");
        }

        if (state.Misfit(_graph.Snapshot(), _slots.Select(of => of.Select(s => s.numel())), _monitor) is { } misfit)
            throw TrainedModelException.OfCheckpoint(path, $"it is damaged ({misfit}). Delete it to begin anew.");
        _graph.Load(state.Weights);
        foreach (var (slot, values) in _slots.SelectMany(s => s).Zip(state.Slots.SelectMany(s => s)))
        {
            using var saved = tensor(values, slot.shape);
            slot.copy_(saved);
        }
        (_steps, _best) = (state.Steps, state.Best ?? state.Weights);
        foreach (var epoch in state.Epochs)
            Done(epoch, isReplaying: true);
        _run.IsReplaying = false;
    }

    private void Save(string identity)
    {
        if (_options.Checkpoint is not { } path)
            return;
        using var scope = NewDisposeScope();
        new FitState
        {
            Run = identity,
            Epochs = _run.Done,
            Steps = _steps,
            BestValue = _bestValue,
            Weights = _isRestorable ? _best! : _graph.Snapshot(),
            Best = _isRestorable ? null : _best,
            Slots = [.. _slots.Select(of => of.Select(s => s.cpu().contiguous().data<float>().ToArray()).ToArray())],
        }.Save(path);
    }

    /// <summary>Lists everything that the numbers of a fit depend on, a line each.</summary>
    private string Identity() => string.Join('\n',
        _model.Describe(),
        $"weights: {_graph.Snapshot().Fingerprint}",
        $"images: {_train.Fingerprint}",
        $"validation: {_validation?.Fingerprint}",
        $"optimizer: {_options.Optimizer}",
        FormattableString.Invariant($"length: {(_options.Optimizer.LearningRate.DependsOnLength ? _options.Epochs : 0)}"),
        FormattableString.Invariant($"batch size: {_options.BatchSize}"),
        FormattableString.Invariant($"seed: {_options.Seed}"),
        FormattableString.Invariant($"label smoothing: {_options.LabelSmoothing:R}"),
        FormattableString.Invariant($"head L2: {_options.HeadL2:R}"),
        $"augmentation: {string.Join<Augmentation>(", ", _augmentation)}",
        $"class weights: {string.Join(", ", (_options.ClassWeights ?? new Dictionary<string, double>()).Select(ToText))}",
        $"monitor: {_monitor}",
        $"callbacks: {string.Join(", ", _options.Callbacks)}");

    private static string ToText(KeyValuePair<string, double> weight) => FormattableString.Invariant($"{weight.Key} {weight.Value:R}");

    private static string FirstDifference(string then, string now)
    {
        var (a, b) = then.Split('\n').Zip(now.Split('\n')).FirstOrDefault(lines => lines.First != lines.Second);
        return a is null ? "Its settings differ." : $"The checkpoint has '{a.Trim()}', this fit has '{b.Trim()}'.";
    }

    private double[]? ClassWeights()
    {
        if (_options.ClassWeights is not { } weights)
            return null;
        if (_model.Task is ModelTask.Regression or ModelTask.MultiLabel)
            throw new ArgumentException("Class weights need a task with one label per image. Leave them null.");
        var unknown = weights.Keys.Except(_model.Labels).FirstOrDefault();
        return unknown is null
            ? [.. _model.Labels.Select(l => weights.GetValueOrDefault(l, 1))]
            : throw new ArgumentException($"There is a class weight for '{Printable.Of(unknown)}', which is not a class of the model.");
    }

    private void Report(int epoch, int step, bool isEnd, OrderedDictionary<string, double> logs) =>
        _progress?.Report(new(_options.Phase, epoch, _options.Epochs, step, _stepsPerEpoch, logs, isEnd));
}

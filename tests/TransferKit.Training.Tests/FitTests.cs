namespace TransferKit.Training.Tests;

public class FitTests
{
    [Fact]
    public void A_head_on_a_frozen_backbone_learns_and_the_backbone_stays()
    {
        using var photos = new SamplePhotos();
        using var model = SamplePhotos.Model(photos.Open().Classes);
        var before = model.Graph.Snapshot().Values["Conv1"][0];
        var history = model.Fit(photos.Open(), options: new() { Epochs = 6, Optimizer = new Adam(0.01) });
        Assert.True(history["loss"][^1] < history["loss"][0]);
        Assert.Equal(before, model.Graph.Snapshot().Values["Conv1"][0]);
        Assert.Equal(6, history.Epochs.Count);
        Assert.Equal(["loss", "accuracy", "learning_rate"], history.Epochs[0].Logs.Keys);
    }

    [Fact]
    public void Features_computed_once_by_ONNX_Runtime_train_like_images()
    {
        using var photos = new SamplePhotos();
        var options = new FitOptions { Epochs = 3, Optimizer = new Adam(0.01) };
        var (train, validation) = photos.Open().Split(0.25);
        using var once = SamplePhotos.Model(train.Classes, "dense:8,dropout:0.3");
        using var always = SamplePhotos.Model(train.Classes, "dense:8,dropout:0.3");
        var extracted = new List<int>();
        var a = once.Fit(train, validation, options, new Progress(p => extracted.AddRange(p.Phase == "extract" ? [p.Step] : [])));
        var b = always.Fit(train, validation, options with { FeatureCacheBytes = 0 });
        Assert.NotEmpty(extracted);
        Assert.All(a["val_loss"].Zip(b["val_loss"]), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    [Fact]
    public void A_run_that_is_killed_ends_like_one_that_was_not()
    {
        using var photos = new SamplePhotos();
        var (train, validation) = photos.Open().Split(0.25);
        using var whole = SamplePhotos.Model(train.Classes, "dense:8,dropout:0.3", isFrozen: false);
        var expected = whole.Fit(train, validation, Options(null));

        using (var killed = SamplePhotos.Model(train.Classes, "dense:8,dropout:0.3", isFrozen: false))
            Assert.Throws<InvalidOperationException>(() => killed.Fit(train, validation, Options(new Killer(2))));
        using var resumed = SamplePhotos.Model(train.Classes, "dense:8,dropout:0.3", isFrozen: false);
        var found = resumed.Fit(train, validation, Options(null));

        Assert.Equal(expected["loss"], found["loss"]);
        Assert.Equal(expected["val_loss"], found["val_loss"]);
        Assert.Equal(expected["learning_rate"], found["learning_rate"]);
        Assert.Equal(whole.Graph.Snapshot().Fingerprint, resumed.Graph.Snapshot().Fingerprint);

        FitOptions Options(Killer? killer) => new()
        {
            Epochs = 4,
            BatchSize = 8,
            Seed = 3,
            Optimizer = new Adam(new CosineDecay(0.003) { WarmUpSteps = 3 }) { GlobalClipNorm = 5, WeightDecay = 0.01 },
            Augmentation = Augmentation.Parse("flip:horizontal,rotation:0.05,zoom:0.1,translation:0.1,contrast:0.2,brightness:0.1"),
            LabelSmoothing = 0.1,
            Callbacks = [new ReduceLearningRateOnPlateau { Patience = 1, Factor = 0.5 }, killer ?? new Killer(int.MaxValue)],
            // The uninterrupted run uses another checkpoint, so that it does not resume.
            Checkpoint = killer is null && !File.Exists(photos.File("run.checkpoint"))
                ? photos.File("whole.checkpoint")
                : photos.File("run.checkpoint"),
            RestoreBestWeights = true,
        };
    }

    [Fact]
    public void Cancelling_keeps_the_best_weights()
    {
        using var photos = new SamplePhotos();
        using var model = SamplePhotos.Model(photos.Open().Classes, isFrozen: false);
        using var stop = new CancellationTokenSource();
        string? best = null;
        var watch = new Progress(p =>
        {
            if (p.IsEpochEnd && p.Epoch == 1)
                best = model.Graph.Snapshot().Fingerprint;
            if (p.Epoch == 2 && p.Step == 2)
                stop.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(
            () => model.Fit(photos.Open(), options: new() { Epochs = 3, BatchSize = 8 }, progress: watch, cancellationToken: stop.Token));
        Assert.Equal(best, model.Graph.Snapshot().Fingerprint);
    }

    [Fact]
    public void Early_stopping_ends_a_fit_and_goes_back_to_its_best_epoch()
    {
        using var photos = new SamplePhotos();
        var (train, validation) = photos.Open().Split(0.25);
        using var model = SamplePhotos.Model(train.Classes);
        var history = model.Fit(train, validation, new()
        {
            Epochs = 30,
            Optimizer = new Sgd(50),
            Callbacks = [new EarlyStopping { Patience = 2, RestoreBestWeights = true }, new CsvLogger(photos.File("log.csv"))],
        });
        Assert.Equal(StopReason.Callback, history.StopReason);
        Assert.True(history.Epochs.Count < 30);
        Assert.Equal(history["val_loss"].Min(), model.Evaluate(validation).Loss, 1e-3 * history["val_loss"].Min());
        Assert.Equal(history.Epochs.Count + 1, File.ReadAllLines(photos.File("log.csv")).Length);
    }

    [Fact]
    public void Two_phases_train_the_head_and_then_the_backbone_from_a_layer_on()
    {
        using var photos = new SamplePhotos();
        using var model = SamplePhotos.Model(photos.Open().Classes);
        var before = model.Graph.Snapshot().Values;
        var history = model.FitTwoPhase(photos.Open(), options: new()
        {
            Head = new() { Phase = "head", Epochs = 1 },
            FineTune = new() { Phase = "fine-tune", Epochs = 1, Optimizer = new AdamW(1e-3) },
            FineTuneFrom = "block_13_expand",
        });
        var after = model.Graph.Snapshot().Values;
        Assert.Equal(["head", "fine-tune"], history.Epochs.Select(e => e.Phase));
        Assert.Equal(before["block_12_project"][0], after["block_12_project"][0]);
        Assert.Equal(before["block_12_project_BN"][2], after["block_12_project_BN"][2]);
        Assert.NotEqual(before["block_13_expand"][0], after["block_13_expand"][0]);
        Assert.NotEqual(before["block_13_expand_BN"][2], after["block_13_expand_BN"][2]);
    }

    [Theory]
    [InlineData(BatchNormalizationMode.Inference, false)]
    [InlineData(BatchNormalizationMode.Training, true)]
    public void Batch_normalisation_of_frozen_and_trained_layers_can_be_told_what_to_do(BatchNormalizationMode mode, bool moves)
    {
        using var photos = new SamplePhotos();
        using var model = SamplePhotos.Model(photos.Open().Classes, isFrozen: mode == BatchNormalizationMode.Training);
        model.BatchNormalization = mode;
        var before = model.Graph.Snapshot().Values["bn_Conv1"][2];
        model.Fit(photos.Open(), options: new() { Epochs = 1 });
        Assert.Equal(moves, !before.SequenceEqual(model.Graph.Snapshot().Values["bn_Conv1"][2]));
    }

    [Theory]
    [InlineData(ModelTask.Binary, "file,label\n{0},class 0\n{1},class 1\n{2},class 0\n{3},class 1\n")]
    [InlineData(ModelTask.MultiLabel, "file,label\n{0},class 0|red\n{1},class 1\n{2},red\n{3},\n")]
    [InlineData(ModelTask.Regression, "file,target_x,target_y\n{0},0.5,1\n{1},-1,2\n{2},0,0\n{3},1,-1\n")]
    public void Other_tasks_learn_from_a_table(ModelTask task, string table)
    {
        using var photos = new SamplePhotos(classes: 2, each: 2);
        string[] files = ["photos/class 0/00.png", "photos/class 1/00.png", "photos/class 0/01.png", "photos/class 1/01.png"];
        File.WriteAllText(photos.File("table.csv"), string.Format(System.Globalization.CultureInfo.InvariantCulture, table, files));
        var images = ImageFolder.Open(photos.File("table.csv"));
        using var model = SamplePhotos.Model(images.Classes, task: task);
        var history = model.Fit(images, options: new() { Epochs = 20, Optimizer = new Adam(0.02) });
        Assert.True(history["loss"].Min() < history["loss"][0], string.Join(" ", history["loss"]));

        model.Save(photos.File("model.h5"));
        using var saved = TrainedModel.Load(photos.File("model.h5"));
        Assert.Equal(model.Evaluate(images).Loss, Evaluation.Of(saved, images).Loss, 1e-4);
    }

    [Fact]
    public void Class_weights_make_a_class_count_more()
    {
        using var photos = new SamplePhotos();
        var images = photos.Open();
        double LossOf(double weight)
        {
            using var model = SamplePhotos.Model(images.Classes);
            return model.Fit(
                images,
                options: new() { Epochs = 1, BatchSize = 36, ClassWeights = images.Classes.ToDictionary(c => c, _ => weight) })["loss"][0];
        }
        Assert.Equal(2 * LossOf(1), LossOf(2), 1e-3);
    }

    private sealed class Progress(Action<FitProgress> told) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => told(value);
    }

    private sealed class Killer(int epoch) : Callback
    {
        public override void OnEpochEnd(TrainingRun run, EpochResult result)
        {
            if (result.Epoch > epoch)
                throw new InvalidOperationException("killed");
        }
    }
}

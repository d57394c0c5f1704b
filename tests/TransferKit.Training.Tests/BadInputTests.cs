using TransferKit.Training.Fitting;

namespace TransferKit.Training.Tests;

public class BadInputTests
{
    [Fact]
    public void One_class_only_is_said_before_anything_is_read()
    {
        using var photos = new SamplePhotos(classes: 1);
        var error = Assert.Throws<TrainingDataException>(() => SamplePhotos.Model(photos.Open().Classes));
        Assert.Equal(TrainingDataError.OneClass, error.Error);
    }

    [Fact]
    public void An_empty_class_is_named()
    {
        using var photos = new SamplePhotos();
        Directory.CreateDirectory(photos.File("photos/nothing"));
        var error = Assert.Throws<TrainingDataException>(photos.Open);
        Assert.Equal(TrainingDataError.EmptyClass, error.Error);
        Assert.Contains("'nothing'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_unknown_to_the_model_is_named()
    {
        using var photos = new SamplePhotos();
        using var model = SamplePhotos.Model(["class 0", "class 1", "cats"]);
        var error = Assert.Throws<TrainingDataException>(() => model.Evaluate(photos.Open()));
        Assert.Equal(TrainingDataError.UnknownLabel, error.Error);
        Assert.Contains("'class 2'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("layers")]
    [InlineData("stages")]
    [InlineData("precision")]
    [InlineData("session")]
    [InlineData("pooling")]
    public void Options_of_the_backbone_that_training_cannot_follow_are_refused(string which)
    {
        var options = new BackboneOptions { Alpha = 0.35, InputSize = (32, 32), Weights = Weights.None };
        options = which switch
        {
            "layers" => options with { Layers = ["block_13_expand"] },
            "stages" => options with { AllStages = true },
            "precision" => options with { Precision = Precision.Float16 },
            "session" => options with { ConfigureSession = _ => { } },
            _ => options with { Pooling = Pooling.Max },
        };
        var head = which == "pooling" ? Head.Linear.Flatten() : Head.Linear;
        var error = Assert.Throws<BackboneOptionsException>(
            () => TransferModel.Create("mobilenet_v2", ["a", "b"], new() { Backbone = options, Head = head }));
        Assert.Contains(which, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_numbers_of_a_table_are_found_by_their_columns_and_a_missing_one_is_named()
    {
        using var photos = new SamplePhotos(1, 2);
        File.WriteAllText(photos.File("xy.csv"), "file,target_x,target_y\nphotos/class 0/00.png,0,5\nphotos/class 0/01.png,1,7\n");
        File.WriteAllText(photos.File("yx.csv"), "file,target_y,target_x\nphotos/class 0/00.png,5,0\nphotos/class 0/01.png,7,1\n");
        File.WriteAllText(photos.File("xz.csv"), "file,target_x,target_z\nphotos/class 0/00.png,0,5\nphotos/class 0/01.png,1,7\n");
        using var model = SamplePhotos.Model(["target_x", "target_y"], task: ModelTask.Regression);
        using var backbone = model.ToBackbone();

        foreach (Func<string, Evaluation> evaluate in new Func<string, Evaluation>[]
        {
            table => model.Evaluate(ImageFolder.Open(photos.File(table))), table => Evaluation.Of(
                backbone, ImageFolder.Open(photos.File(table))),
        })
        {
            Assert.Equal(evaluate("xy.csv").Loss, evaluate("yx.csv").Loss);
            var error = Assert.Throws<TrainingDataException>(() => evaluate("xz.csv"));
            Assert.Contains("'target_y'", error.Message, StringComparison.Ordinal);
        }
        Assert.Equal(TrainingDataError.WrongKind, Assert.Throws<TrainingDataException>(() => Evaluation.Of(backbone, photos.Open())).Error);
    }

    [Fact]
    public void Several_labels_of_one_image_need_another_task()
    {
        using var photos = new SamplePhotos();
        File.WriteAllText(photos.File("t.csv"), "file,label\nphotos/class 0/00.png,a|b\nphotos/class 1/00.png,b\n");
        using var model = SamplePhotos.Model(["a", "b"]);
        Assert.Equal(
            TrainingDataError.WrongKind,
            Assert.Throws<TrainingDataException>(() => model.Fit(ImageFolder.Open(photos.File("t.csv")))).Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("file\na.png\n")]
    [InlineData("file,label\na.png\n")]
    [InlineData("file,target\na.png,much\n")]
    [InlineData("file,target,label\na.png,1,b\n")]
    public void A_table_that_cannot_be_understood_says_which_row(string table)
    {
        using var photos = new SamplePhotos(1, 1);
        File.WriteAllText(photos.File("t.csv"), table);
        var error = Assert.Throws<TrainingDataException>(() => ImageFolder.Open(photos.File("t.csv")));
        Assert.Equal(TrainingDataError.MalformedTable, error.Error);
        Assert.Contains("row ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(0)]
    [InlineData(double.PositiveInfinity)]
    public void A_learning_rate_that_is_none_is_refused(double rate)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(rate));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineDecay(rate));
    }

    [Theory]
    [InlineData("dense:0")]
    [InlineData("dense:many")]
    [InlineData("dropout:1")]
    [InlineData("conv:3")]
    [InlineData("dense:8,flatten")]
    [InlineData("dense:8,,dropout:0.2")]
    public void A_head_that_does_not_fit_is_refused(string head)
    {
        var error = Record.Exception(() => Head.Parse(head));
        Assert.True(error is FormatException or ArgumentException, error?.ToString());
    }

    [Fact]
    public void A_layer_to_fine_tune_from_that_is_none_brings_the_nearest()
    {
        using var model = SamplePhotos.Model(["a", "b"]);
        Assert.Equal("block_13_expand", Assert.Throws<UnknownNameException>(() => model.FineTuneFrom("block_13_expnd")).Suggestion);
        Assert.Throws<UnknownNameException>(() => model.FineTuneFrom("predictions"));
    }

    [Fact]
    public void A_loss_that_diverges_stops_with_the_step_and_the_last_good_checkpoint()
    {
        using var photos = new SamplePhotos();
        using var model = SamplePhotos.Model(photos.Open().Classes, isFrozen: false);
        var error = Assert.Throws<TrainingDivergedException>(() => model.Fit(photos.Open(), options: new()
        {
            Epochs = 5,
            BatchSize = 8,
            Optimizer = new Sgd(1e-4),
            Callbacks = [new Explosion()],
            Checkpoint = photos.File("run.checkpoint"),
        }));
        Assert.Equal(2, error.Epoch);
        Assert.InRange(error.Step, 6, 10);
        Assert.Equal(photos.File("run.checkpoint"), error.Checkpoint);
        Assert.Equal(FitState.Load(error.Checkpoint!).Weights.Fingerprint, model.Graph.Snapshot().Fingerprint);
    }

    [Fact]
    public void A_corrupt_file_stops_the_fit_or_is_left_out_and_reported()
    {
        using var photos = new SamplePhotos();
        File.WriteAllText(photos.File("photos/class 1/broken.png"), "this is no picture");
        using var model = SamplePhotos.Model(photos.Open().Classes);
        Assert.Throws<ImageDecodeException>(() => model.Fit(photos.Open(), options: new() { Epochs = 1 }));

        var history = model.Fit(photos.Open(), options: new() { Epochs = 1, UnreadableImages = OnError.Skip });
        Assert.EndsWith("broken.png", Assert.Single(history.Unreadable).Key, StringComparison.Ordinal);
        var evaluation = model.Evaluate(photos.Open(), unreadable: OnError.Skip);
        Assert.Equal(36, evaluation.Images.Count);
        Assert.Single(evaluation.Unreadable);
    }

    [Fact]
    public void A_disk_that_fills_while_a_checkpoint_is_written_leaves_the_one_before()
    {
        using var photos = new SamplePhotos();
        using var model = SamplePhotos.Model(photos.Open().Classes);
        var path = photos.File("run.checkpoint");
        model.Fit(photos.Open(), options: new() { Epochs = 1, Checkpoint = path });
        var before = File.ReadAllBytes(path);
        var state = FitState.Load(path);

        var error = Assert.Throws<OutputFileException>(() => state.Save(path, name => new SmallDisk(name, 100_000)));
        Assert.Contains("space", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(photos.Folder, "run.checkpoint*"));
    }

    [Fact]
    public void A_damaged_checkpoint_and_one_of_another_fit_are_told_apart()
    {
        using var photos = new SamplePhotos();
        var path = photos.File("run.checkpoint");
        using (var model = SamplePhotos.Model(photos.Open().Classes))
            model.Fit(photos.Open(), options: new() { Epochs = 1, Checkpoint = path });

        using var other = SamplePhotos.Model(photos.Open().Classes);
        var mismatch = Assert.Throws<TrainedModelException>(
            () => other.Fit(photos.Open(), options: new() { Epochs = 1, BatchSize = 7, Checkpoint = path }));
        Assert.Contains("batch size: 32", mismatch.Message, StringComparison.Ordinal);

        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains("damaged", Assert.Throws<TrainedModelException>(() => FitState.Load(path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Assert.Throws<TrainedModelException>(() => FitState.Load(path));
    }

    [Fact]
    public void A_model_without_its_description_is_no_model()
    {
        using var photos = new SamplePhotos();
        using var model = SamplePhotos.Model(["a", "b"]);
        model.Save(photos.File("m.h5"));
        File.Delete(photos.File("m.h5.json"));
        Assert.Throws<TrainedModelException>(() => TrainedModel.Load(photos.File("m.h5")));
        Assert.Throws<FileNotFoundException>(() => TrainedModel.Load(photos.File("none.h5")));
        Assert.Throws<OutputFileException>(() => model.Save(photos.File("no/such/folder/m.h5")));
    }

    [Fact]
    public void Every_writer_refuses_the_extension_of_another_format_and_trained_files_a_pipe()
    {
        using var photos = new SamplePhotos();
        using var model = SamplePhotos.Model(photos.Open().Classes);
        FitOptions With(Callback callback) => new() { Epochs = 1, Callbacks = [callback] };

        Assert.Equal([".keras", ".h5"], Assert.Throws<OutputFormatException>(() => model.Save(photos.File("m.pt"))).Extensions);
        Assert.Equal([".onnx"], Assert.Throws<OutputFormatException>(() => model.ExportOnnx(photos.File("m.pb"))).Extensions);
        Assert.Equal(
            [".csv"],
            Assert.Throws<OutputFormatException>(
                () => model.Fit(photos.Open(), options: With(new CsvLogger(photos.File("log.tsv"))))).Extensions);
        Assert.Equal(
            [".keras", ".h5"],
            Assert.Throws<OutputFormatException>(
                () => model.Fit(photos.Open(), options: With(new ModelCheckpoint(photos.File("m.bin"))))).Extensions);
        var report = new TrainingReport("m", model.Evaluate(photos.Open()));
        Assert.Equal([".html", ".htm"], Assert.Throws<OutputFormatException>(() => report.Save(photos.File("r.pdf"))).Extensions);

        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files.");
        Assert.Throws<OutputFileException>(() => model.Save("/dev/null"));
        Assert.Throws<OutputFileException>(() => report.Save("/dev/null"));
    }

    private sealed class Explosion : Callback
    {
        public override void OnEpochEnd(TrainingRun run, EpochResult epoch) => run.LearningRateScale = 1e34;
    }

    /// <summary>Represents a file on a nearly full disk.</summary>
    private sealed class SmallDisk(string path, long room) : FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite)
    {
        public override void Write(byte[] array, int offset, int count)
        {
            if (Position + count > room)
                throw new IOException("No space left on device");
            base.Write(array, offset, count);
        }
    }
}

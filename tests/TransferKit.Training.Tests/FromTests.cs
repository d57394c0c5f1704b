using System.IO.Compression;
using System.Text.Json;
using TransferKit.Graph;
using TransferKit.Imaging.Skia;
using TransferKit.Tests;
using TransferKit.Tests.Configs;

namespace TransferKit.Training.Tests;

/// <summary>Trains whole models that Keras saved, and parts of them (<c>tests/goldens/keras-models/train.py</c>).</summary>
public sealed class FromTests : IDisposable
{
    private const int Height = 12, Width = 10;

    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-from-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("guide", ".keras")]
    [InlineData("deep", ".keras")]
    [InlineData("inference", ".keras")]
    [InlineData("flat", ".h5")]
    public void The_steps_follow_Keras_from_the_same_file(string name, string extension)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Goldens.Path("keras-models", "train.json")));
        var expected = json.RootElement.GetProperty(name);
        var (labels, losses, outputs) =
            (Numbers(expected, "labels").Select(l => (int)l).ToArray(), Numbers(expected, "losses"), Numbers(expected, "outputs"));
        var pictures = Pictures(labels);
        using var model = TransferModel.From(KerasModelGoldens.Path($"train-{name}{extension}"), new() { Labels = pictures.Classes });
        var frozen = Frozen(model);
        var history = model.Fit(pictures, options: new()
        {
            Epochs = losses.Length,
            BatchSize = labels.Length,
            Optimizer = name switch
            {
                "guide" => new Adam(0.01),
                "inference" => new Sgd(0.01, momentum: 0.9),
                _ => new Sgd(0.02),
            },
        });

        Assert.Equal(losses, history["loss"], (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.Equal(frozen, Frozen(model));
        // In the format of its file the model stays as it is, and in the other one it is written without nesting.
        string[] files =
        [
            Path.Combine(_folder, $"trained{extension}"), Path.Combine(_folder, extension == ".h5" ? "other.keras" : "other.h5"),
        ];
        byte[] pixels = [.. Enumerable.Range(0, labels.Length).SelectMany(Pixels)];
        foreach (var file in files)
        {
            model.Save(file);
            using var saved = KerasModel.Open(file, new() { CacheCompiledModel = false });
            var found = saved.Predict(pixels).ToArray();
            Assert.Equal(outputs, found.Select(o => (double)o), (a, b) => Math.Abs(a - b) < 1e-4);
            Assert.Equal(model.Labels, saved.Labels);
            KerasJudge.Add($"from-{name}", [file], (Height, Width), saved, name == "guide" ? "Adam" : "SGD");
        }
        using var backbone = model.ToBackbone();
        Assert.Equal(
            model.Evaluate(pictures).Images.Select(i => i.Outputs[0]), pictures.Images.Select(i => backbone.Predict(i.Path).ToArray()[0]),
            (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void Random_layers_at_the_beginning_augment_the_pictures()
    {
        using var model = TransferModel.From(KerasModelGoldens.Path("nested-frozen.keras"), new() { Labels = ["0", "1", "2"] });
        Assert.Equal(["flip:horizontal", "rotation:0.1 Reflect"], model.Augmentation.Select(a => $"{a}"));
        Assert.Null(model.FineTunedFrom);
        var pictures = Pictures([0, 1, 2, 0]);
        var history = model.Fit(pictures, options: new() { Epochs = 2 });
        Assert.All(history["loss"], l => Assert.True(double.IsFinite(l)));
    }

    [Theory]
    [InlineData("sequential.keras", "SpatialDropout2D", 2)]
    [InlineData("shared.keras", "outputs", 2)]
    public void A_model_that_cannot_be_trained_is_refused_by_name(string file, string named, int classes)
    {
        var labels = Enumerable.Range(0, classes).Select(i => $"{i}").ToArray();
        var e = Assert.Throws<KerasModelException>(() => TransferModel.From(KerasModelGoldens.Path(file), new() { Labels = labels }));
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_names_of_its_classes_is_refused()
    {
        var e = Assert.Throws<KerasModelException>(() => TransferModel.From(KerasModelGoldens.Path("train-guide.keras")));
        Assert.Contains("Labels", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_in_another_precision_is_refused()
    {
        var e = Assert.Throws<ArgumentException>(() => TransferModel.From(
            KerasModelGoldens.Path("train-deep.keras"),
            new() { Labels = ["a", "b", "c"], Precision = Precision.Int8, Calibration = Calibration.Folder(_folder) }));
        Assert.Contains("Precision is Int8", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"kernel_constraint\": null", "\"kernel_constraint\": {\"class_name\": \"NonNeg\", \"config\": {}}", "kernel_constraint")]
    [InlineData("\"L1L2\"", "\"OrthogonalRegularizer\"", "kernel_regularizer")]
    public void A_setting_that_training_cannot_follow_is_refused_with_the_layer(string from, string to, string setting)
    {
        var path = Path.Combine(_folder, "changed.keras");
        KerasModelGoldens.Change("train-deep.keras", path, config => config.Replace(from, to, StringComparison.Ordinal));
        var e = Assert.Throws<KerasModelException>(() => TransferModel.From(path, new() { Labels = ["a", "b", "c"] }));
        Assert.NotNull(e.Layer);
        Assert.Contains(setting, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_was_saved_goes_on_as_its_file_and_its_notes_say()
    {
        var pictures = Pictures([0, 1, 2]);
        var path = Path.Combine(_folder, "again.keras");
        using (var model = TransferModel.From(KerasModelGoldens.Path("train-deep.keras"), new()
        {
            Labels = pictures.Classes,
            Preprocess = PreprocessMode.None,
            Images = new() { Interpolation = Interpolation.Lanczos },
        }))
        {
            model.Save(path);
        }
        using var again = TransferModel.Load(path);
        Assert.Equal(pictures.Classes, again.Labels);
        Assert.Equal(Interpolation.Lanczos, again.Images.Interpolation);
        Assert.Contains("conv", Frozen(again).Keys);
        using var opened = KerasModel.Open(path, new() { CacheCompiledModel = false });
        Assert.Equal((Interpolation.Lanczos, PreprocessSource.Given), (opened.Images.Interpolation, opened.PreprocessSource));
    }

    [Fact]
    public void Logits_are_saved_with_their_loss_and_served_as_probabilities()
    {
        var pictures = Pictures([0, 1]);
        using var model = TransferModel.From(KerasModelGoldens.Path("train-inference.keras"), new() { Labels = pictures.Classes });
        model.Fit(pictures, options: new() { Epochs = 1 });
        var path = Path.Combine(_folder, "logits.keras");
        model.Save(path);
        using var zip = ZipFile.OpenRead(path);
        using var config = JsonDocument.Parse(zip.GetEntry("config.json")!.Open());
        var loss = config.RootElement.GetProperty("compile_config").GetProperty("loss");
        Assert.Equal("SparseCategoricalCrossentropy", loss.GetProperty("class_name").GetString());
        Assert.True(loss.GetProperty("config").GetProperty("from_logits").GetBoolean());
        using var backbone = model.ToBackbone();
        Assert.Equal(1, backbone.Predict(Pixels(0)).ToArray().Sum(), 1e-5);
    }

    [Theory]
    [InlineData("nested-frozen.keras", "pool", "dense:4,dropout:0.1")]
    [InlineData("nested-partly.keras", "relu", "flatten,dense:4")]
    [InlineData("nested-trainable.h5", "add", "linear")]
    [InlineData("keras2-nested.h5", "add", "batch_normalization")]
    public void A_model_that_is_cut_gets_a_new_head_which_trains_and_is_saved(string file, string layer, string head)
    {
        var pictures = Pictures([0, 1, 0, 1]);
        using var whole = KerasModel.Open(KerasModelGoldens.Path(file), new() { CacheCompiledModel = false });
        using var cut = whole.Cut(layer);
        using var model = cut.WithHead(pictures.Classes, new() { Head = Head.Parse(head), Seed = 3 });
        var before = Frozen(model);
        Assert.NotEmpty(before);
        var best = Path.Combine(_folder, "best.keras");
        model.Fit(pictures, options: new() { Epochs = 2, Optimizer = new Sgd(0.01), Callbacks = [new ModelCheckpoint(best)] });
        Assert.Equal(before, Frozen(model));
        using (var checkpoint = KerasModel.Open(best, new() { CacheCompiledModel = false }))
            Assert.Equal(pictures.Classes, checkpoint.Labels);
        string[] files = [Path.Combine(_folder, "cut.keras"), Path.Combine(_folder, "cut.h5")];
        using var backbone = model.ToBackbone();
        var pixels = Enumerable.Range(0, 2).SelectMany(Pixels).ToArray();
        foreach (var path in files)
        {
            model.Save(path);
            using var saved = KerasModel.Open(path, new() { CacheCompiledModel = false });
            Assert.Equal(backbone.Predict(pixels).ToArray(), saved.Predict(pixels).ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
            Assert.Equal(pictures.Classes, saved.Labels);
        }
        KerasJudge.Add($"cut-{Path.GetFileNameWithoutExtension(file)}", files, (Height, Width), backbone, compiled: "SGD");
    }

    [Fact]
    public void Every_optimizer_is_saved_with_its_class_and_whole_numbers_as_floats()
    {
        var pictures = Pictures([0, 1]);
        using var whole = KerasModel.Open(KerasModelGoldens.Path("nested-frozen.keras"), new() { CacheCompiledModel = false });
        using var cut = whole.Cut("pool");
        (string Class, Optimizer Optimizer, ModelTask Task)[] cases =
        [
            ("SGD", new Sgd(1), ModelTask.MultiClass),
            ("SGD", new Sgd(0.01, momentum: 0.5, nesterov: true) { ClipValue = 2 }, ModelTask.Binary),
            ("Adam", new Adam(1, beta1: 0) { GlobalClipNorm = 1 }, ModelTask.MultiClass),
            ("AdamW", new AdamW(1) { ClipNorm = 3 }, ModelTask.MultiClass),
            ("RMSprop", new RmsProp(1), ModelTask.Binary),
        ];
        foreach (var (i, (className, optimizer, task)) in cases.Index())
        {
            using var model = cut.WithHead(pictures.Classes, new() { Task = task });
            model.Fit(pictures, options: new() { Epochs = 1, Optimizer = optimizer });
            string[] files = [Path.Combine(_folder, "saved.keras"), Path.Combine(_folder, "saved.h5")];
            Array.ForEach(files, model.Save);
            using var zip = ZipFile.OpenRead(files[0]);
            using var config = JsonDocument.Parse(zip.GetEntry("config.json")!.Open());
            var saved = config.RootElement.GetProperty("compile_config").GetProperty("optimizer");
            Assert.Equal(className, saved.GetProperty("class_name").GetString());
            // JSON knows no floats, and Keras refuses a rate or a momentum without a point.
            Assert.Contains('.', saved.GetProperty("config").GetProperty("learning_rate").GetRawText());
            using var backbone = model.ToBackbone();
            KerasJudge.Add($"optimizer-{i}", files, (Height, Width), backbone, className);
        }
    }

    [Fact]
    public void A_head_on_a_whole_model_takes_no_settings_of_another_backbone()
    {
        using var whole = KerasModel.Open(KerasModelGoldens.Path("nested-frozen.keras"), new() { CacheCompiledModel = false });
        Assert.Throws<BackboneOptionsException>(() => whole.WithHead(["a", "b"], new() { Backbone = new() { Alpha = 0.5 } }));
    }

    private static Dictionary<string, string> Frozen(TransferModel model)
    {
        var values = model.Graph.Snapshot().Values;
        return model.Graph.Graph.Layers
            .Where(l => !l.Weights.IsEmpty && !model.Learns(l) && !(l.Op is BatchNormalization && model.RunsAsInTraining(l)))
            .ToDictionary(l => l.Name, l => string.Join(' ', values[l.Name].SelectMany(v => v)));
    }

    private static double[] Numbers(JsonElement holder, string key) =>
        [.. holder.GetProperty(key).EnumerateArray().Select(n => n.GetDouble())];

    // The same pictures as in train.py.
    private static byte[] Pixels(int i) =>
        [.. Enumerable.Range(0, Height * Width * 3).Select(at => (byte)((at * (7 + 4 * i) + 31 * i) % 256))];

    private ImageFolder Pictures(int[] labels)
    {
        foreach (var (i, label) in labels.Index())
        {
            var path = Path.Combine(_folder, "pictures", $"{label}", $"{i}.png");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, PictureEncoder.Png(RgbImage.FromRgb24(Width, Height, Pixels(i))));
        }
        return ImageFolder.Open(Path.Combine(_folder, "pictures"));
    }
}

using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Architectures;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

public class Int8Tests
{
    private static readonly ImageLoadOptions Bicubic = new() { Interpolation = Interpolation.Bicubic };

    private static readonly BackboneOptions Int8 = SharedBackbone.Options with
    {
        Precision = Precision.Int8,
        Calibration = Calibration.Folder(Goldens.Path("images")) with { Images = Bicubic },
    };

    private static readonly Lazy<IBackbone> Shared = new(() => Backbone.Load("mobilenet_v2", Int8));

    [Fact]
    public void The_features_of_real_weights_are_close_to_those_in_floats()
    {
        var report = PrecisionReport.Compare(
            SharedBackbone.MobileNet, Shared.Value, Goldens.Path("images"), Bicubic, TestContext.Current.CancellationToken);

        Assert.True(report.MeanCosine >= 0.98, report.ToString());
        Assert.True(report.Top1Agreement >= 0.9, report.ToString());
        Assert.True(report.Images >= 20);
    }

    [Fact]
    public void A_batch_gives_what_its_images_give_alone()
    {
        string[] paths =
            [.. new[] { "rocket.jpg", "chelsea.png", "coffee.png", "rocket.jpg", "astronaut.png" }.Select(p => Goldens.Path("images", p))];

        var together = Shared.Value.Predict(paths, Bicubic);

        for (var i = 0; i < paths.Length; i++)
            Assert.Equal(Shared.Value.Predict(paths[i], Bicubic).ToArray(), together[i].ToArray());
    }

    [Theory, InlineData(CalibrationMethod.MinMax), InlineData(CalibrationMethod.Entropy)]
    public void Other_methods_reach_the_least_cosine_too(CalibrationMethod method)
    {
        using var backbone = Backbone.Load("mobilenet_v2", Int8 with { Calibration = Int8.Calibration! with { Method = method } });

        var report = PrecisionReport.Compare(
            SharedBackbone.MobileNet, backbone, Goldens.Path("images"), Bicubic, TestContext.Current.CancellationToken);

        Assert.True(report.MeanCosine >= 0.97, report.ToString());
    }

    [Fact]
    public void The_exported_file_gives_what_the_backbone_gives()
    {
        using var folder = new TemporaryFolder();
        var pixels = RgbImage.Load(Goldens.Path("images", "coffee.png")).Resize(224, 224, Interpolation.Bicubic).Pixels.ToArray();

        Backbone.ExportOnnx("mobilenet_v2", folder.File("m.onnx"), Int8, cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(new FileInfo(folder.File("m.onnx")).Length < 1_000_000);
        using var session = new InferenceSession(folder.File("m.onnx"));
        using var value = OrtValue.CreateTensorValueFromMemory(pixels, [1, 224, 224, 3]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, session.InputNames, [value], session.OutputNames);
        var (expected, found) = (Shared.Value.Predict(pixels).ToArray(), outputs[0].GetTensorDataAsSpan<float>().ToArray());
        Assert.True(expected.Zip(found).Max(p => Math.Abs(p.First - p.Second)) <= 0.02 * expected.Max());
    }

    [Fact]
    public void Maps_of_several_layers_come_in_int8_too()
    {
        var options = Int8 with { Pooling = Pooling.None, AllStages = true };
        var path = Goldens.Path("images", "coffee.png");
        using var floats = Backbone.Load("mobilenet_v2", options with { Precision = Precision.Float32, Calibration = null });
        using var int8 = Backbone.Load("mobilenet_v2", options);

        var (expected, found) = (floats.PredictAll(path, Bicubic), int8.PredictAll(path, Bicubic));

        Assert.Equal(5, found.Count);
        foreach (var (layer, map) in expected)
        {
            Assert.Equal(map.Shape, found[layer].Shape);
            Assert.True(TensorPrimitives.CosineSimilarity<float>(map.ToArray(), found[layer].ToArray()) > 0.95, layer);
        }
    }

    [Fact]
    public void A_classifier_comes_in_int8_too()
    {
        var options =
            Int8 with { IncludeTop = true, Pooling = Pooling.None, Classes = 10, InputSize = (96, 96), Weights = Weights.Random(2) };
        var path = Goldens.Path("images", "coffee.png");
        using var floats = Backbone.Load("mobilenet_v2", options with { Precision = Precision.Float32, Calibration = null });
        using var int8 = Backbone.Load("mobilenet_v2", options);

        var (expected, found) = (floats.Predict(path, Bicubic).ToArray(), int8.Predict(path, Bicubic).ToArray());

        Assert.Equal(1, found.Sum(), 1e-4f);
        Assert.True(TensorPrimitives.CosineSimilarity<float>(expected, found) > 0.99);
    }

    [Fact]
    public void A_whole_Keras_model_comes_in_int8_too()
    {
        using var folder = new TemporaryFolder();
        var pixels = RgbImage.Load(Goldens.Path("images", "coffee.png")).Resize(224, 224, Interpolation.Bicubic).Pixels.ToArray();
        Backbone.SaveKeras("mobilenet_v2", folder.File("m.keras"), SharedBackbone.Options);
        // The calibration prepares its pictures as the model does, if it does not say otherwise.
        var options = new KerasModelOptions
        {
            Precision = Precision.Int8,
            Calibration = Int8.Calibration! with { Images = null },
            Images = Bicubic,
            CacheCompiledModel = false,
        };

        using var model = KerasModel.Open(folder.File("m.keras"), options);
        KerasModel.ExportOnnx(folder.File("m.keras"), folder.File("m.onnx"), options);

        Assert.Equal(Shared.Value.Predict(pixels).ToArray(), model.Predict(pixels).ToArray());
        Assert.True(new FileInfo(folder.File("m.onnx")).Length < 1_000_000);
    }

    [Fact]
    public void Options_of_a_whole_Keras_model_that_do_not_fit_are_told_at_once()
    {
        using var folder = new TemporaryFolder();
        Backbone.SaveKeras("mobilenet_v2", folder.File("m.keras"), SharedBackbone.Options);

        var none = Assert.Throws<ArgumentException>(
            () => KerasModel.Open(folder.File("m.keras"), new() { Precision = Precision.Int8 }));
        Assert.Contains("Calibration.Folder", none.Message, StringComparison.Ordinal);
        var device = Assert.Throws<ArgumentException>(
            () => KerasModel.Open(folder.File("m.keras"), new() { Calibration = Int8.Calibration, Device = (ExecutionDevice)9 }));
        Assert.Contains("Calibration needs Precision.Int8", device.Message, StringComparison.Ordinal);
        Assert.Contains("Device is 9", device.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_calibration_is_kept_and_done_again_when_its_pictures_change()
    {
        using var folder = new TemporaryFolder();
        folder.Add("rocket.jpg", "photos/rocket.jpg");
        folder.Add("made_not_an_image.jpg", "photos/notes.jpg");
        var progress = new LastProgress();
        var options = Int8 with
        {
            CacheCompiledModel = true,
            Store = new() { CacheDirectory = folder.File("cache") },
            Calibration = Calibration.Folder(folder.File("photos")) with { Progress = progress },
        };

        Assert.True(Calibrates());
        Assert.False(Calibrates());
        folder.Add("coffee.png", "photos/coffee.png");
        Assert.True(Calibrates());
        options = options with { Preprocess = PreprocessMode.Caffe };
        Assert.True(Calibrates());
        foreach (var kept in Directory.GetFiles(folder.File("cache", "transferkit"), "*.int8.json"))
            File.WriteAllText(kept, "{ damaged");
        Assert.False(Calibrates());
        foreach (var compiled in Directory.GetDirectories(folder.File("cache", "transferkit")))
            Directory.Delete(compiled, recursive: true);
        Assert.True(Calibrates());

        bool Calibrates()
        {
            progress.Last = 0;
            Backbone.Load("mobilenet_v2", options).Dispose();
            return progress.Last == 1;
        }
    }

    [Fact]
    public void Options_that_do_not_fit_are_told_at_once()
    {
        var none = Assert.Throws<BackboneOptionsException>(
            () => Backbone.Load("mobilenet_v2", SharedBackbone.Options with { Precision = Precision.Int8 }));
        Assert.Contains("Calibration.Folder", none.Message);

        var wrong = Assert.Throws<BackboneOptionsException>(() => Backbone.Load("mobilenet_v2", SharedBackbone.Options with
        {
            Calibration = Calibration.Folder("photos") with { MaxImages = 0, MinimumCosine = 2 },
        }));
        Assert.Equal(3, wrong.Problems.Count);
        Assert.Throws<ArgumentException>(() => Calibration.Of([]));
    }

    [Fact]
    public void A_folder_without_a_picture_is_told()
    {
        using var folder = new TemporaryFolder();
        folder.Add("made_not_an_image.jpg");

        var thrown = Assert.Throws<NoImagesException>(
            () => Backbone.Load("mobilenet_v2", Int8 with { Calibration = Calibration.Folder(folder.Path) }));

        Assert.Contains(folder.Path, thrown.Message);
    }

    [Fact]
    public void A_calibration_can_be_stopped()
    {
        using var stop = new CancellationTokenSource();
        var calibration = Int8.Calibration! with { Progress = new Stop(stop) };

        Assert.ThrowsAny<OperationCanceledException>(
            () => Backbone.Load("mobilenet_v2", Int8 with { Calibration = calibration }, cancellationToken: stop.Token));
    }

    private sealed class LastProgress : IProgress<double>
    {
        public double Last { get; set; }

        public void Report(double value) => Last = value;
    }

    private sealed class Stop(CancellationTokenSource source) : IProgress<double>
    {
        public void Report(double value) => source.Cancel();
    }
}

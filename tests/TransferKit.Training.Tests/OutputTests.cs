using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Architectures;
using TransferKit.Graph;
using TransferKit.Imaging.Skia;
using TransferKit.Tests.Configs;
using TransferKit.WeightSources.Files;

namespace TransferKit.Training.Tests;

public class OutputTests
{
    [Fact]
    public void A_saved_model_is_a_backbone_of_ONNX_Runtime_with_the_same_outputs_and_labels()
    {
        using var photos = new SamplePhotos();
        using var model = Trained(photos);
        model.Save(photos.File("cats.h5"));

        using IBackbone backbone = TrainedModel.Load(photos.File("cats.h5"));
        using var now = model.ToBackbone();
        var path = photos.Open().Images[0].Path;
        var expected = model.Evaluate(photos.Open()).Images[0].Outputs;
        Assert.Equal(expected, backbone.Predict(path)[0].ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.Equal(expected, now.Predict(path)[0].ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.Equal("predictions", Assert.Single(backbone.Outputs).Layer);
        Assert.Equal(photos.Open().Classes, ((TrainedModel)backbone).Labels);
        Assert.Equal(2, ((TrainedModel)backbone).Classify(path, 2).Count);

        var pixels = new byte[3 * backbone.InputSize.Height * backbone.InputSize.Width * 3];
        new Random(1).NextBytes(pixels);
        var lent = new float[3 * expected.Count];
        backbone.Predict(pixels, lent.AsMemory());
        Assert.Equal(backbone.Predict(pixels).ToArray(), lent);
    }

    [Theory]
    [InlineData("cats.keras")]
    [InlineData("cats.h5")]
    public void A_model_is_saved_for_Keras_as_it_was_compiled_and_loads_here_with_the_same_outputs(string file)
    {
        using var photos = new SamplePhotos();
        using var model = Trained(photos);
        model.Fit(photos.Open(), options: new() { Epochs = 1, Optimizer = new AdamW(0.002) { ClipNorm = 1 } });
        model.Save(photos.File(file));

        using IBackbone backbone = TrainedModel.Load(photos.File(file));
        using var now = model.ToBackbone();
        var path = photos.Open().Images[0].Path;
        Assert.Equal(now.Predict(path)[0].ToArray(), backbone.Predict(path)[0].ToArray());
        using var stored = WeightFile.Open(photos.File(file));
        Assert.Equal(stored.Models[0].Outline!.Layers.Length, model.Graph.Graph.Layers.Length);
        if (file.EndsWith(".h5", StringComparison.Ordinal))
            return;
        using var zip = System.IO.Compression.ZipFile.OpenRead(photos.File(file));
        using var config = JsonDocument.Parse(zip.GetEntry("config.json")!.Open());
        var compiled = config.RootElement.GetProperty("compile_config");
        var optimizer = compiled.GetProperty("optimizer");
        Assert.Equal(("AdamW", 0.002, 0.004, 1.0), (
            optimizer.GetProperty("class_name").GetString(), optimizer.GetProperty("config").GetProperty("learning_rate").GetDouble(),
            optimizer.GetProperty("config").GetProperty("weight_decay").GetDouble(),
            optimizer.GetProperty("config").GetProperty("clipnorm").GetDouble()));
        Assert.Equal("sparse_categorical_crossentropy", compiled.GetProperty("loss").GetString());
        var legacy = photos.File("trained.h5");
        model.Save(legacy);
        KerasJudge.Add("trained", [photos.File(file), legacy], backbone.InputSize, backbone, compiled: "AdamW");
    }

    [Theory]
    [InlineData("cats.keras")]
    [InlineData("cats.h5")]
    public void A_saved_model_comes_in_int8_too(string file)
    {
        using var photos = new SamplePhotos();
        using var model = Trained(photos);
        model.Save(photos.File(file));

        using var floats = TrainedModel.Load(photos.File(file));
        using var int8 = KerasModel.Open(photos.File(file), new()
        {
            Precision = Precision.Int8,
            Calibration = Calibration.Folder(photos.Photos),
            CacheCompiledModel = false,
        });

        var report = PrecisionReport.Compare(floats, int8, photos.Photos, cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(report.LeastCosine, 0.9, 1 - 1e-9);
        Assert.Equal(model.Labels, int8.Labels);
        Assert.Equal(photos.Open().Images.Count, Evaluation.Of(int8, photos.Open()).Images.Count);
    }

    [Fact]
    public void A_trained_model_prepares_pictures_as_in_training_however_it_is_used()
    {
        using var photos = new SamplePhotos();
        var classes = photos.Open().Classes;
        // Larger than the model's input, so that the filter matters.
        var large = RgbImage.Load(photos.Open().Images[0].Path).Resize(75, 61, Interpolation.Lanczos);
        File.WriteAllBytes(photos.Open().Images[0].Path, PictureEncoder.Png(large));
        using var model = SamplePhotos.Model(
            classes, images: new() { Interpolation = Interpolation.Bicubic, Decode = new() { Draft = true } });
        model.Fit(photos.Open(), options: new() { Epochs = 2, Optimizer = new RmsProp(0.01) });
        model.Save(photos.File("cats.h5"));
        using var trained = TrainedModel.Load(photos.File("cats.h5"));
        IBackbone backbone = trained;
        var path = photos.Open().Images[0].Path;

        var expected = model.Evaluate(photos.Open()).Images[0].Outputs;
        var scores = backbone.Predict(path)[0].ToArray();

        Assert.Equal((Interpolation.Bicubic, true), (backbone.Images.Interpolation, backbone.Images.Decode.Draft));
        Assert.Equal(expected, scores, (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.Equal(scores, trained.Classify(path, 3).OrderBy(p => p.Index).Select(p => p.Score));
        Assert.Equal(
            scores,
            new FeatureExtractor(backbone).Extract(photos.Photos + "/class 0")["00.png"].Features.ToArray(),
            (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.NotEqual(scores, backbone.Predict(path, new ImageLoadOptions())[0].ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void A_decoder_of_your_own_stays_with_the_model_that_was_trained_with_it()
    {
        var decoder = new Grey();
        using var model = SamplePhotos.Model(["a", "b"], images: new() { Decoder = decoder });
        using var backbone = model.ToBackbone();
        Assert.Same(decoder, backbone.Images.Decoder);
    }

    [Fact]
    public void Stochastic_depth_has_the_rate_that_was_asked_for_before_and_after_saving()
    {
        using var photos = new SamplePhotos(1, 1);
        using var model = TransferModel.Create("efficientnet_b0", ["a", "b"], new()
        {
            Backbone = new() { Weights = Weights.None, InputSize = (32, 32), DropConnectRate = 0.6 },
        });
        model.Save(photos.File("m.h5"));
        using var again = TransferModel.Load(photos.File("m.h5"));
        // Keras: block b of 16, from 0, drops b/16 of the rate where it has a shortcut; 14 is the last that has one.
        Assert.All(
            [model, again],
            m => Assert.Equal(0.6 * 14 / 16, m.Graph.Graph.Layers.Select(l => l.Op).OfType<Dropout>().Max(d => d.Rate), 1e-9));
    }

    [Fact]
    public void Scores_that_are_no_numbers_or_of_another_count_are_refused()
    {
        using var model = SamplePhotos.Model(["a", "b", "c"]);
        using var backbone = model.ToBackbone();
        Assert.Contains("class 1 of sample 0 is NaN", Assert.Throws<ArgumentException>(() => backbone.Decode([0, float.NaN, 1])).Message);
        Assert.Contains("There are 2 scores", Assert.Throws<ArgumentException>(() => backbone.Decode([0, 1])).Message);
    }

    [Fact]
    public void The_weights_are_Keras_own_file_layer_by_layer()
    {
        using var photos = new SamplePhotos();
        using var model = Trained(photos);
        model.Save(photos.File("cats.h5"));
        using var file = WeightFile.Open(photos.File("cats.h5"));
        Assert.Equal(WeightLayout.Legacy, file.Layout);
        Assert.Equal(model.Graph.Graph.Layers.Select(l => l.Name), file.Layers.Select(l => l.Name));
        Assert.Equal([8L, 3L], file.Layers.Single(l => l.Name == "predictions").Weights[0].Shape);
    }

    [Fact]
    public void A_saved_model_can_be_trained_further()
    {
        using var photos = new SamplePhotos();
        using var model = Trained(photos);
        model.Save(photos.File("cats.h5"));
        using var again = TransferModel.Load(photos.File("cats.h5"));
        Assert.Equal(model.Evaluate(photos.Open()).Loss, again.Evaluate(photos.Open()).Loss, 1e-6);
        Assert.Equal(model.Graph.Snapshot().Fingerprint, again.Graph.Snapshot().Fingerprint);
        again.Fit(photos.Open(), options: new() { Epochs = 1 });
    }

    [Fact]
    public void The_ONNX_file_takes_bytes_and_carries_its_labels()
    {
        using var photos = new SamplePhotos();
        using var model = Trained(photos);
        model.ExportOnnx(photos.File("cats.onnx"));
        model.Save(photos.File("cats.h5"));
        TrainedModel.ExportOnnx(photos.File("cats.h5"), photos.File("same.onnx"));

        var image = photos.Open().Images[5].Path;
        var pixels = model.Images.FittingTo(model.InputSize).Load(image);
        foreach (var name in new[] { "cats.onnx", "same.onnx" })
        {
            using var session = new InferenceSession(photos.File(name));
            Assert.Equal(photos.Open().Classes, JsonSerializer.Deserialize<string[]>(session.ModelMetadata.CustomMetadataMap["labels"])!);
            using var input = OrtValue.CreateTensorValueFromMemory(pixels, [1, SamplePhotos.Side, SamplePhotos.Side, 3]);
            using var options = new RunOptions();
            using var results = session.Run(options, [session.InputNames[0]], [input], session.OutputNames);
            Assert.Equal(
                model.Evaluate(photos.Open()).Images[5].Outputs, results[0].GetTensorDataAsSpan<float>().ToArray(),
                (a, b) => Math.Abs(a - b) < 1e-4);
        }
    }

    [Fact]
    public void A_model_trained_on_pixels_of_Resizing_keeps_them_in_its_file_and_its_ONNX_file_takes_floats()
    {
        using var photos = new SamplePhotos();
        var images = new ImageLoadOptions
        {
            Resize = ResizeMethod.Resizing,
            Interpolation = Interpolation.MitchellCubic,
            AspectRatio = AspectRatio.Pad,
            ColorMode = ColorMode.Grayscale,
            Decode = new() { DctMethod = DctMethod.IntegerFast },
        };
        using var model = SamplePhotos.Model(photos.Open().Classes, images: images);
        model.Fit(photos.Open(), options: new() { Epochs = 1 });
        model.Save(photos.File("cats.h5"));
        model.ExportOnnx(photos.File("cats.onnx"));

        using var loaded = TrainedModel.Load(photos.File("cats.h5"));
        Assert.Equal(images, loaded.Images);
        using var json = JsonDocument.Parse(File.ReadAllText(photos.File("cats.h5.json")));
        Assert.Equal(
            ["resizing", "mitchellcubic", "pad", "grayscale", "integer_fast"],
            new[] { "resize", "interpolation", "aspect_ratio", "color_mode", "dct_method" }.Select(
                e => json.RootElement.GetProperty(e).GetString()));
        var (torch, file) = (model.Evaluate(photos.Open()), photos.Open().Images[5].Path);
        Assert.Equal(torch.Images[5].Outputs, loaded.Predict(file).ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
        using var session = new InferenceSession(photos.File("cats.onnx"));
        Assert.Equal(typeof(float), session.InputMetadata.Single().Value.ElementType);
        Assert.Equal("pad", session.ModelMetadata.CustomMetadataMap["aspect_ratio"]);
    }

    [Fact]
    public void Evaluation_by_libtorch_and_by_ONNX_Runtime_give_the_same_figures()
    {
        using var photos = new SamplePhotos();
        using var model = Trained(photos);
        using var backbone = model.ToBackbone();
        var (torch, onnx) = (model.Evaluate(photos.Open()), Evaluation.Of(backbone, photos.Open()));
        Assert.Equal(torch.Accuracy, onnx.Accuracy);
        Assert.Equal(torch.Loss, onnx.Loss, 1e-4);
        Assert.Equal(torch.ConfusionMatrix, onnx.ConfusionMatrix);
        Assert.Equal(36, torch.ConfusionMatrix!.Sum(row => row.Sum()));
        Assert.Equal(torch.Accuracy!.Value, torch.Classes.Sum(c => c.Recall * c.Support) / 36, 1e-9);
        Assert.Equal(1, torch.TopKAccuracy);

        using var json = JsonDocument.Parse(torch.ToJson());
        Assert.Equal(torch.Accuracy, json.RootElement.GetProperty("accuracy").GetDouble());
    }

    [Fact]
    public void The_report_is_one_page_with_curves_a_matrix_and_pictures_of_mistakes()
    {
        using var photos = new SamplePhotos();
        var (train, validation) = photos.Open().Split(0.5);
        using var model = SamplePhotos.Model(train.Classes, "dense:8");
        var history = model.Fit(train, validation, new() { Epochs = 1, Optimizer = new Sgd(1e-6) });
        new TrainingReport("cats <&>", model.Evaluate(validation), history).Save(photos.File("report.html"));
        var page = File.ReadAllText(photos.File("report.html"));
        Assert.Contains("cats &lt;&amp;&gt;", page, StringComparison.Ordinal);
        Assert.Contains("<polyline", page, StringComparison.Ordinal);
        Assert.Contains("data:image/png;base64,", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(photos.File("report.json")));
        Assert.True(json.RootElement.GetProperty("evaluation").TryGetProperty("accuracy", out _));
        Assert.Equal(1, json.RootElement.GetProperty("history").GetArrayLength());
    }

    private sealed class Grey : IImageDecoder
    {
        public bool CanDecode(ReadOnlySpan<byte> header) => true;
        public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options) =>
            RgbImage.FromRgb24(1, 1, new byte[3]);
    }

    private static TransferModel Trained(SamplePhotos photos)
    {
        var model = SamplePhotos.Model(photos.Open().Classes, "dense:8,batch_normalization,dropout:0.2");
        model.Fit(photos.Open(), options: new() { Epochs = 2, Optimizer = new Adam(0.01) });
        return model;
    }
}

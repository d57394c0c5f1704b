using Microsoft.ML;
using Microsoft.ML.Data;
using TransferKit.ML;

namespace TransferKit.Tests;

public sealed class FeatureEstimatorTests(Digits digits, ITestOutputHelper output) : IClassFixture<Digits>
{
    private const int Dimensions = 1280;

    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Features_are_the_backbones_and_rows_stay_in_their_order()
    {
        var files = digits.Files.Reverse().Take(70).ToArray();
        var data = Features().Fit(Rows(files)).Transform(Rows(files));

        var features = data.GetColumn<float[]>("Features").ToArray();

        Assert.Equal(files.Length, features.Length);
        foreach (var i in (int[])[0, 1, 35, 69])
            AssertClose(MobileNet.Shared.Predict(files[i].ImagePath)[0], features[i]);
        Assert.Equal(files.Select(f => f.Label), data.GetColumn<string>("Label"));
    }

    [Fact]
    public void Features_equal_those_of_a_feature_extractor()
    {
        var extracted = new FeatureExtractor(MobileNet.Shared).Extract(digits.Folder);
        var data = Features().Fit(Rows(digits.Files)).Transform(Rows(digits.Files));

        foreach (var (file, features) in digits.Files.Zip(data.GetColumn<float[]>("Features")))
            AssertClose(extracted[Path.GetFileName(file.ImagePath)].Features.Span, features);
    }

    [Fact]
    public void An_ONNX_file_of_another_library_is_a_transform_too()
    {
        using var vit = Backbone.FromOnnx(
            Goldens.Path("onnx-models", "vit", "model.onnx"), new() { Outputs = ["pooler_output"], CacheCompiledModel = false });
        var files = digits.Files.Take(5).ToArray();

        var data = _context.Transforms.ExtractFeatures("Features", "ImagePath", vit).Fit(Rows(files)).Transform(Rows(files));

        foreach (var (file, features) in files.Zip(data.GetColumn<float[]>("Features")))
            AssertClose(vit.Predict(file.ImagePath)[0], features);
    }

    [Theory]
    [InlineData(MLPixelFormat.Bgra32)]
    [InlineData(MLPixelFormat.Rgba32)]
    public void Images_give_the_features_of_their_files(MLPixelFormat format)
    {
        var images = digits.Images(40, format);
        var rows = _context.Data.LoadFromEnumerable(images);
        var data = _context.Transforms.ExtractFeatures("Features", "Image", MobileNet.Shared).Fit(rows).Transform(rows);

        var features = data.GetColumn<float[]>("Features").ToArray();

        Assert.Equal(40, features.Length);
        foreach (var i in (int[])[0, 31, 32, 39])
            AssertClose(MobileNet.Shared.Predict(digits.Files[i].ImagePath)[0], features[i]);
    }

    [Fact]
    public void The_schema_has_a_vector_of_the_backbones_length()
    {
        var rows = Rows(digits.Files);

        var column = Features().Fit(rows).GetOutputSchema(rows.Schema)["Features"];

        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, Dimensions), column.Type);
    }

    [Theory]
    [InlineData("lbfgs", 0.8)]
    [InlineData("lightgbm", 0.6)]
    public void A_pipeline_learns_the_digits(string trainer, double least)
    {
        var model = Train(trainer);

        var metrics = _context.MulticlassClassification.Evaluate(model.Transform(Rows(digits.Test)));

        output.WriteLine($"{trainer}: accuracy {metrics.MicroAccuracy:0.000} of {digits.Test.Count()} digits");
        Assert.InRange(metrics.MicroAccuracy, least, 1);
    }

    [Fact]
    public void A_saved_pipeline_predicts_as_before()
    {
        var model = Train("lbfgs");
        var path = Path.Combine(digits.Folder, "model.zip");
        _context.Model.SaveWithFeatures(model, Rows([]).Schema, path);

        var loaded = new MLContext().Model.LoadWithFeatures(path, MobileNet.Shared, out var schema);

        Assert.Equal(["ImagePath", "Label"], schema!.Select(c => c.Name));
        Assert.Equal(Predicted(model), Predicted(loaded));

        string[] Predicted(ITransformer transformer) =>
            [.. transformer.Transform(Rows(digits.Test)).GetColumn<string>("PredictedLabel")];
    }

    [Fact]
    public void A_prediction_engine_predicts_single_rows()
    {
        var model = Train("lbfgs");
        var digit = digits.Test.First();
        using var engine = _context.Model.CreatePredictionEngine<DigitFile, DigitPrediction>(model);

        var prediction = engine.Predict(digit);

        var expected = model.Transform(Rows([digit])).GetColumn<string>("PredictedLabel").Single();
        Assert.Equal(expected, prediction.PredictedLabel);
        AssertClose(MobileNet.Shared.Predict(digit.ImagePath)[0], prediction.Features);
    }

    [Fact]
    public void ML_NETs_own_saving_is_refused_with_the_way_that_works()
    {
        using var stream = new MemoryStream();

        var thrown = Assert.ThrowsAny<Exception>(() => _context.Model.Save(Features().Fit(Rows(digits.Files)), null, stream));

        Assert.Contains("SaveWithFeatures", thrown.GetBaseException().Message);
    }

    [Fact]
    public void Another_backbone_than_the_saved_one_is_refused()
    {
        var path = Path.Combine(digits.Folder, "other.zip");
        _context.Model.SaveWithFeatures(Features().Fit(Rows(digits.Files)), Rows([]).Schema, path);
        using var other = Backbone.Load(
            "mobilenet_v2", MobileNet.Options with { Images = new() { Interpolation = Interpolation.Bicubic } });

        var thrown = Assert.Throws<FeatureModelException>(() => _context.Model.LoadWithFeatures(path, other, out _));

        Assert.Contains("with interpolation nearest, and the backbone has bicubic", thrown.Message);
        Assert.Equal(path, thrown.File);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no archive")]
    public void A_damaged_file_is_refused(string content)
    {
        var path = Path.Combine(digits.Folder, "damaged.zip");
        File.WriteAllText(path, content);

        Assert.Throws<FeatureModelException>(() => _context.Model.LoadWithFeatures(path, MobileNet.Shared, out _));
        Assert.Throws<FileNotFoundException>(() => _context.Model.LoadWithFeatures(path + "x", MobileNet.Shared, out _));
    }

    [Fact]
    public void A_column_that_holds_no_images_is_refused()
    {
        var rows = _context.Data.LoadFromEnumerable([new { Number = 1f }]);
        var estimator = _context.Transforms.ExtractFeatures("Features", "Number", MobileNet.Shared);

        Assert.Contains("has the type Single", Assert.Throws<ArgumentException>(() => estimator.Fit(rows)).Message);
        Assert.Contains("no column 'ImagePath'", Assert.Throws<ArgumentException>(() => Features().Fit(rows)).Message);
        Assert.Contains("no column 'ImagePath'",
            Assert.Throws<ArgumentException>(() => Features().Append(_context.Transforms.CopyColumns("x", "Features")).Fit(rows)).Message);
    }

    [Fact]
    public void An_unreadable_image_ends_the_pass_and_is_named()
    {
        DigitFile[] files = [digits.Files[0], new() { ImagePath = Goldens.Path("images", "made_not_an_image.jpg") }, digits.Files[1]];
        var data = Features().Fit(Rows(files)).Transform(Rows(files));

        var thrown = Assert.Throws<ImageDecodeException>(() => data.GetColumn<float[]>("Features").ToArray());

        Assert.Equal(files[1].ImagePath, thrown.ImageName);
    }

    [Fact]
    public void A_row_without_an_image_is_named()
    {
        var rows = _context.Data.LoadFromEnumerable([new DigitImage()]);
        var data = _context.Transforms.ExtractFeatures("Features", "Image", MobileNet.Shared).Fit(rows).Transform(rows);

        Assert.Contains("row 0", Assert.Throws<ImageDecodeException>(() => data.GetColumn<float[]>("Features").ToArray()).Message);
    }

    [Fact]
    public void A_pass_that_ends_early_or_needs_no_features_reads_no_more()
    {
        var data = Features().Fit(Rows(digits.Files)).Transform(Rows(digits.Files));

        Assert.Equal(Dimensions, data.GetColumn<float[]>("Features").First().Length);
        var missing = Rows([new() { ImagePath = "none.png", Label = "1" }]);
        Assert.Equal(["1"], Features().Fit(missing).Transform(missing).GetColumn<string>("Label"));
    }

    private FeatureEstimator Features() => _context.Transforms.ExtractFeatures("Features", "ImagePath", MobileNet.Shared);

    private IDataView Rows(IEnumerable<DigitFile> files) => _context.Data.LoadFromEnumerable(files);

    private ITransformer Train(string trainer)
    {
        IEstimator<ITransformer> learner = trainer == "lbfgs"
            ? _context.MulticlassClassification.Trainers.LbfgsMaximumEntropy()
            : _context.MulticlassClassification.Trainers.LightGbm(numberOfLeaves: 4, numberOfIterations: 10, minimumExampleCountPerLeaf: 4);
        return _context.Transforms.Conversion.MapValueToKey("Label")
            .Append(Features())
            .AppendCacheCheckpoint(_context)
            .Append(learner)
            .Append(_context.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(Rows(digits.Train));
    }

    // A run of one image sums in another order than a batch.
    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        Assert.Equal(expected.Length, found.Length);
        var most = 0f;
        foreach (var value in expected)
            most = Math.Max(most, Math.Abs(value));
        for (var i = 0; i < found.Length; i++)
            Assert.InRange(Math.Abs(found[i] - expected[i]), 0, 1e-5f * most);
    }
}

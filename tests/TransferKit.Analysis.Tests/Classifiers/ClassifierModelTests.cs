using Microsoft.ML.OnnxRuntime;
using TransferKit.PublicApi.Tests;

namespace TransferKit.Analysis.Tests.Classifiers;

/// <summary>Runs classifiers behind their network, on pictures of two colours.</summary>
public sealed class ClassifierModelTests : IDisposable
{
    private static readonly BackboneOptions Options = new()
    {
        IncludeTop = false,
        Pooling = Pooling.Avg,
        Alpha = 0.35,
        InputSize = (32, 32),
        Weights = MobileNetV2Weights.Alpha035NoTop,
        CacheCompiledModel = false,
    };

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(ClassifierKind.LogisticRegression)]
    [InlineData(ClassifierKind.NearestMean)]
    public async Task The_model_of_pictures_gives_the_classifiers_probabilities(ClassifierKind kind)
    {
        var token = TestContext.Current.CancellationToken;
        var (table, classifier) = await LearnAsync(kind);
        var (model, onnx) = (_folder.File("cats.h5"), _folder.File("cats.onnx"));
        await classifier.SaveModelAsync(model, "mobilenet_v2", Options, cancellationToken: token);
        await classifier.ExportOnnxAsync(onnx, "mobilenet_v2", Options, cancellationToken: token);
        using var loaded = TrainedModel.Load(model);
        using var made = await classifier.ToModelAsync("mobilenet_v2", Options, cancellationToken: token);

        Assert.Equal(["dark", "light"], loaded.Labels);
        for (var row = 0; row < table.Count; row++)
        {
            var expected = classifier.Predict(table[row]);
            var picture = _folder.File("photos", table.Names[row]);
            Assert.Equal(expected, loaded.Predict(picture)[0].ToArray(), (a, b) => Math.Abs(a - b) < 1e-3);
            Assert.Equal(expected, made.Predict(picture)[0].ToArray(), (a, b) => Math.Abs(a - b) < 1e-3);
        }
        using var session = new InferenceSession(onnx);
        Assert.Equal("""["dark","light"]""", session.ModelMetadata.CustomMetadataMap["labels"]);
        Assert.Equal(typeof(byte), session.InputMetadata.Single().Value.ElementType);
    }

    [Fact]
    public async Task A_backbone_that_did_not_extract_the_features_is_refused()
    {
        var token = TestContext.Current.CancellationToken;
        var (_, classifier) = await LearnAsync(ClassifierKind.NearestMean);

        var size = await Assert.ThrowsAsync<FeatureDataException>(() =>
            classifier.ToModelAsync("mobilenet_v2", Options with { InputSize = (64, 64) }, cancellationToken: token));
        var top = await Assert.ThrowsAsync<BackboneOptionsException>(() =>
            classifier.ToModelAsync("mobilenet_v2", Options with { IncludeTop = true, Pooling = Pooling.None }, cancellationToken: token));

        Assert.Equal(FeatureDataError.MixedStamps, size.Error);
        Assert.Contains("input_size: 32x32 and 64x64", size.Message);
        Assert.Contains("IncludeTop", top.Message);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<(FeatureTable Table, FeatureClassifier Classifier)> LearnAsync(ClassifierKind kind)
    {
        for (var i = 0; i < 6; i++)
        {
            AddPicture($"dark/{i}.ppm", (byte)(10 + 5 * i));
            AddPicture($"light/{i}.ppm", (byte)(180 + 10 * i));
        }
        using var backbone = Backbone.Load("mobilenet_v2", Options);
        await new FeatureExtractor(backbone, new() { Recursive = true }).ExtractSetAsync(_folder.File("photos"), _folder.File("features"));
        using var set = FeatureSet.Open(_folder.File("features"));
        var table = await FeatureTable.ReadAsync(set);
        return (table, FeatureClassifier.Train(table, table.LabelsByFolder(), new() { Kind = kind, Folds = 2, Strengths = [0.01] }));
    }

    private void AddPicture(string name, byte grey)
    {
        var path = _folder.File("photos", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] pixels = [.. Enumerable.Range(0, 192).Select(i => (byte)(grey + i % 7))];
        File.WriteAllBytes(path, [.. "P6 8 8 255\n"u8, .. pixels]);
    }
}

using TransferKit.Backbones;
using TransferKit.Graph;
using TransferKit.PublicApi.Tests;
using TransferKit.Tests;
using TransferKit.WeightSources.Binding;

namespace TransferKit.Analysis.Tests.Explaining;

/// <summary>Compares heat maps with a computation by hand, on networks of random weights.</summary>
public sealed class ExplainerTests : IDisposable
{
    private const int Classes = 5;
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("densenet121")]
    [InlineData("mobilenet")]
    [InlineData("mobilenet_v2")]
    [InlineData("efficientnet_b0")]
    [InlineData("nasnet_mobile")]
    public async Task A_class_activation_map_is_the_last_map_times_the_kernel(string name)
    {
        var token = TestContext.Current.CancellationToken;
        var options = Options(seed: 7);
        var image = Noise(64, 64);
        using var explainer = await Explainer.LoadAsync(name, options, cancellationToken: token);

        var map = explainer.Explain(image, "3", token);

        var graph = BackbonePlan.Of(name, options).Graph;
        var pooling = graph.Layers.Last(l => l.Op is GlobalAveragePooling2D);
        var dense = graph.Layers.Last(l => !l.Weights.IsEmpty);
        using var maps = Backbone.Load(name, options with { Layers = [pooling.Inputs[0].Name] });
        using var whole = Backbone.Load(name, options);
        var features = maps.Predict(image, cancellationToken: token);
        var kernel = Read(dense, 0, seed: 7);
        var bias = Read(dense, 1, seed: 7);
        var channels = features.Shape[3];
        Assert.Equal(ExplanationMethod.ClassActivation, map.Method);
        Assert.Equal((features.Shape[1], features.Shape[2]), (map.Height, map.Width));
        for (var place = 0; place < map.Values.Count; place++)
        {
            var expected = (double)bias[3];
            for (var c = 0; c < channels; c++)
                expected += features.Values.Span[place * channels + c] * (double)kernel[c * Classes + 3];
            Assert.Equal(expected, map[place / map.Width, place % map.Width], 1e-5 * Math.Max(1, Math.Abs(expected)));
        }
        Assert.Equal(whole.Predict(image, cancellationToken: token)[0][3], map.Prediction.Score, 1e-5f);
    }

    public static TheoryData<string> GradientCases => new(GradientGolden.All.Select(g => g.Name));

    [Theory, MemberData(nameof(GradientCases))]
    public void A_head_that_is_a_chain_of_layers_has_the_map_of_Keras_gradients(string name)
    {
        var golden = GradientGolden.All.Single(g => g.Name == name);
        using var explainer = Explainer.Open(
            Goldens.Path("analysis", $"gradcam-{name}.keras"), new() { Preprocess = PreprocessMode.Tf, CacheCompiledModel = false });
        var picture = RgbImage.FromRgb24(12, 12, Enumerable.Range(0, 12 * 12 * 3).Select(i => (byte)(i * 37 % 256)).ToArray());

        for (var score = 0; score < golden.Maps.Length; score++)
        {
            var map = explainer.Explain(picture, $"{score}", TestContext.Current.CancellationToken);

            Assert.Equal(ExplanationMethod.GradientActivation, map.Method);
            var most = golden.Maps[score].Max();
            Assert.Equal(golden.Maps[score], map.Values.Select(v => (double)v), (e, f) => Math.Abs(e - f) <= 1e-5 * Math.Max(1e-2, most));
        }
    }

    [Theory]
    [InlineData("vgg16")]
    [InlineData("mobilenet_v3_small")]
    public async Task A_network_of_another_head_is_explained_by_gradients(string name)
    {
        var token = TestContext.Current.CancellationToken;
        var options = Options(seed: 3);
        using var explainer = await Explainer.LoadAsync(name, options, cancellationToken: token);
        using var backbone = Backbone.Load(name, options);
        var image = Noise(64, 64);

        var map = explainer.Explain(image, cancellationToken: token);

        var scores = backbone.Predict(image, cancellationToken: token)[0].ToArray();
        Assert.Equal(ExplanationMethod.GradientActivation, map.Method);
        Assert.Equal(scores.Index().MaxBy(s => s.Item).Index, map.Prediction.Index);
        Assert.Equal(scores.Max(), map.Prediction.Score, 1e-5f);
        Assert.All(map.Values, v => Assert.InRange(v, 0, float.MaxValue));
    }

    [Fact]
    public async Task Other_heads_are_explained_by_covering_parts()
    {
        var token = TestContext.Current.CancellationToken;
        // The gradient of the largest number of each channel is that of one place alone.
        var (classifier, backbone) = await LearnAsync(Pooling.Max, token);
        using var disposed = backbone;
        using var explainer = Explainer.Open(_folder.File("patches.h5"), cancellationToken: token);
        var image = Noise(96, 96);

        var map = explainer.Explain(image, cancellationToken: token);

        Assert.Equal(ExplanationMethod.Occlusion, map.Method);
        Assert.Equal((8, 8), (map.Height, map.Width));
        var whole = classifier.Predict(backbone.Predict(image, cancellationToken: token)[0]);
        Assert.Equal(whole.Index().MaxBy(s => s.Item).Index, map.Prediction.Index);
        Assert.Equal(whole.Max(), map.Prediction.Score, 1e-4f);
        // A part of the middle and its surroundings in grey, by hand: each cover is of two parts a side.
        var covered = image.Pixels.ToArray().Select(p => (float)p).ToArray();
        float[] mean = [.. Enumerable.Range(0, 3).Select(c => covered.Where((_, i) => i % 3 == c).Average())];
        for (var y = 4 * 12 - 6; y < 4 * 12 + 18; y++)
        {
            for (var x = 2 * 12 - 6; x < 2 * 12 + 18; x++)
                mean.CopyTo(covered, (y * 96 + x) * 3);
        }
        var rest = classifier.Predict(backbone.Predict(covered, token)[0])[map.Prediction.Index];
        Assert.Equal(whole.Max() - rest, map[4, 2], 1e-4f);
    }

    [Fact]
    public async Task A_learned_model_is_explained_and_drawn()
    {
        var token = TestContext.Current.CancellationToken;
        (await LearnAsync(Pooling.Avg, token)).Backbone.Dispose();
        using var explainer = Explainer.Open(_folder.File("patches.h5"), cancellationToken: token);

        var map = explainer.Explain(Patched(20, hasPatch: true), "patch", token);

        Assert.Equal("patch", map.Prediction.Label);
        var left = Enumerable.Range(0, 3).Average(row => map[row, 0]);
        var right = Enumerable.Range(0, 3).Average(row => map[row, 2]);
        Assert.True(left > right, $"{left} at the patch, {right} away from it");
        var drawn = map.Overlay();
        Assert.Equal((96, 96), (drawn.Width, drawn.Height));
        map.SavePng(_folder.File("why.png"));
        Assert.Equal(drawn.Pixels.ToArray(), RgbImage.Load(_folder.File("why.png")).Pixels.ToArray());
        Assert.Throws<ArgumentException>(() => explainer.Explain(drawn, "dog", token));
    }

    [Theory]
    [InlineData("sequential.keras")]
    [InlineData("nested-trainable.keras")]
    public void A_whole_Keras_model_is_explained(string file)
    {
        var path = Goldens.Path("keras-models", file);
        var options = new KerasModelOptions { Preprocess = PreprocessMode.Tf, CacheCompiledModel = false };
        using var model = KerasModel.Open(path, options);
        using var explainer = Explainer.Open(path, options);
        var picture = Noise(40, 30);

        var map = explainer.Explain(picture);

        var scores = model.Predict(picture)[0].ToArray();
        Assert.Equal(scores.Index().MaxBy(s => s.Item).Index, map.Prediction.Index);
        Assert.Equal(scores.Max(), map.Prediction.Score, 1e-5f);
    }

    [Fact]
    public async Task A_network_without_classes_is_refused() =>
        await Assert.ThrowsAsync<BackboneOptionsException>(() =>
            Explainer.LoadAsync("mobilenet_v2", Options(seed: 1) with { IncludeTop = false }));

    public void Dispose() => _folder.Dispose();

    // Saves a classifier of pictures with a patch of noise at the left and of those without one.
    private async Task<(FeatureClassifier Classifier, IBackbone Backbone)> LearnAsync(Pooling pooling, CancellationToken token)
    {
        var options = new BackboneOptions
        {
            IncludeTop = false,
            Pooling = pooling,
            Alpha = 0.35,
            InputSize = (96, 96),
            Weights = MobileNetV2Weights.Alpha035NoTop,
            CacheCompiledModel = false,
        };
        var backbone = Backbone.Load("mobilenet_v2", options, cancellationToken: token);
        string[] names = [.. Enumerable.Range(0, 12).Select(i => $"{(i % 2 == 0 ? "patch" : "plain")}/{i}")];
        float[] features = [.. names.SelectMany((_, i) => backbone.Predict(Patched(i, i % 2 == 0), cancellationToken: token).ToArray())];
        var table = FeatureTable.Of(names, features);
        var classifier = FeatureClassifier.Train(table, table.LabelsByFolder(), new() { Folds = 2, Strengths = [0.01] }, null, token);
        await classifier.SaveModelAsync(_folder.File("patches.h5"), "mobilenet_v2", options, cancellationToken: token);
        return (classifier, backbone);
    }

    private static BackboneOptions Options(int seed) => new()
    {
        InputSize = (64, 64),
        Classes = Classes,
        Weights = Weights.Random(seed),
        CacheCompiledModel = false,
    };

    private static float[] Read(Layer layer, int slot, int seed)
    {
        using var weights = new InitialWeights(seed);
        var numbers = new float[layer.Weights[slot].Count];
        weights.Read(layer, layer.Weights[slot], 0, numbers);
        return numbers;
    }

    private static RgbImage Noise(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        new Random(5).NextBytes(pixels);
        return RgbImage.FromRgb24(width, height, pixels);
    }

    private static RgbImage Patched(int seed, bool hasPatch)
    {
        var (random, pixels) = (new Random(seed), new byte[96 * 96 * 3]);
        Array.Fill(pixels, (byte)random.Next(100, 150));
        for (var y = 0; y < 96 && hasPatch; y++)
        {
            for (var x = 0; x < 32 * 3; x++)
                pixels[y * 96 * 3 + x] = (byte)random.Next(256);
        }
        return RgbImage.FromRgb24(96, 96, pixels);
    }
}

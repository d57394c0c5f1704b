using System.IO.Compression;
using System.Text.Json;
using TransferKit.Tests;
using TransferKit.Tests.Configs;

namespace TransferKit.PublicApi.Tests;

/// <summary>Tests the files that are written for Keras. Whether Keras opens them, <c>tests/goldens/configs/check.py</c> judges.</summary>
public sealed class SaveKerasTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Backbone.All.Select(b => b.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("net.keras")]
    [InlineData("net.h5")]
    [InlineData("net.weights.h5")]
    public void A_saved_backbone_loads_again_with_every_bit(string file)
    {
        var path = _folder.File(file);
        var options = new BackboneOptions { InputSize = (64, 64), Classes = 10, Alpha = 0.35, CacheCompiledModel = false };
        Backbone.SaveKeras("mobilenet_v2", path, options with { Weights = Weights.Random(7) });
        var pixels = new byte[64 * 64 * 3];
        new Random(1).NextBytes(pixels);

        using var random = Backbone.Load("mobilenet_v2", options with { Weights = Weights.Random(7) });
        using var saved = Backbone.Load("mobilenet_v2", options with { Weights = path });

        Assert.Equal(random.Predict(pixels).ToArray(), saved.Predict(pixels).ToArray());
        Assert.Empty(saved.UnusedLayers);
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_keras_file_has_its_three_members_stored_and_equal_models_give_equal_files()
    {
        var options = new BackboneOptions { InputSize = (32, 32), IncludeTop = false, Alpha = 0.35, Weights = Weights.Random(7) };
        Backbone.SaveKeras("mobilenet_v2", _folder.File("a.keras"), options);
        Backbone.SaveKeras("mobilenet_v2", _folder.File("b.keras"), options);

        Assert.Equal(File.ReadAllBytes(_folder.File("a.keras")), File.ReadAllBytes(_folder.File("b.keras")));
        using var zip = ZipFile.OpenRead(_folder.File("a.keras"));
        Assert.Equal(["metadata.json", "config.json", "model.weights.h5"], zip.Entries.Select(e => e.FullName));
        Assert.All(zip.Entries, e => Assert.Equal(e.Length, e.CompressedLength));
        using var config = JsonDocument.Parse(zip.GetEntry("config.json")!.Open());
        Assert.Equal("Functional", config.RootElement.GetProperty("class_name").GetString());
    }

    [Fact]
    public void A_sequential_inside_a_network_is_saved_and_loaded()
    {
        var options = new BackboneOptions { InputSize = (32, 32), IncludeTop = false, CacheCompiledModel = false };
        Backbone.SaveKeras("convnext_tiny", _folder.File("net.keras"), options with { Weights = Weights.Random(7) });
        using var saved = Backbone.Load("convnext_tiny", options with { Weights = _folder.File("net.keras") });
        using var random = Backbone.Load("convnext_tiny", options with { Weights = Weights.Random(7) });
        var pixels = new byte[32 * 32 * 3];
        new Random(1).NextBytes(pixels);
        Assert.Equal(random.Predict(pixels).ToArray(), saved.Predict(pixels).ToArray());
    }

    [Theory]
    [InlineData("called.keras")]
    [InlineData("called.h5")]
    [InlineData("twice.keras")]
    [InlineData("half_frozen.h5")]
    public void A_whole_model_that_Keras_wrote_is_saved_again_with_every_bit_and_its_configuration(string file)
    {
        var path = _folder.File($"again{Path.GetExtension(file)}");
        using var model = KerasModel.Open(Goldens.Path("h5", "nested", file), new() { Preprocess = PreprocessMode.None });
        model.Save(path);
        using var again = KerasModel.Open(path, new() { Preprocess = PreprocessMode.None });

        var pixels = new byte[8 * 8 * 3];
        new Random(1).NextBytes(pixels);
        Assert.Equal(model.Predict(pixels).ToArray(), again.Predict(pixels).ToArray());
        Assert.Equal(model.KerasVersion, again.KerasVersion);
        Assert.Equal(model.Summary().ToString(), again.Summary().ToString());
        Assert.Throws<OutputFormatException>(() => model.Save(_folder.File("again.onnx")));
    }

    [Theory]
    [InlineData("net.keras")]
    [InlineData("net.h5")]
    public void A_saved_backbone_opened_as_a_whole_model_is_known_with_its_preparation(string file)
    {
        var options = new BackboneOptions { InputSize = (64, 64), Classes = 10, Alpha = 0.35, Weights = Weights.Random(7) };
        Backbone.SaveKeras("mobilenet_v2", _folder.File(file), options);
        using var model = KerasModel.Open(_folder.File(file), new() { CacheCompiledModel = false });
        using var backbone = Backbone.Load("mobilenet_v2", options with { CacheCompiledModel = false });
        Assert.Equal(
            ("mobilenet_v2", PreprocessSource.Backbone, PreprocessMode.Tf), (model.Backbone, model.PreprocessSource, model.Preprocess));
        var pixels = new byte[64 * 64 * 3];
        new Random(1).NextBytes(pixels);
        Assert.Equal(backbone.Predict(pixels).ToArray(), model.Predict(pixels).ToArray());
    }

    [Fact]
    public void Another_extension_is_refused_before_any_work()
    {
        Assert.Throws<OutputFormatException>(() => Backbone.SaveKeras("mobilenet_v2", _folder.File("net.pt")));
        Assert.Throws<OutputFormatException>(() => Backbone.SaveWeights("mobilenet_v2", _folder.File("net.keras")));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Theory, MemberData(nameof(Names))]
    [Trait("Category", "Slow")]
    public void Files_for_Keras_to_judge_are_written(string name)
    {
        Assert.SkipWhen(
            KerasJudge.Folder is null,
            $"{KerasJudge.Variable} names no folder; tests/goldens/configs/README.md says how Keras judges its files.");
        var options = new BackboneOptions
        {
            InputSize = (96, 96),
            Classes = 10,
            ClassifierActivation = ClassifierActivation.None,
            Weights = Weights.Random(3),
            CacheCompiledModel = false,
        };
        string[] files = [.. new[] { "keras", "h5", "weights.h5" }.Select(format => Path.Combine(KerasJudge.Folder!, $"{name}.{format}"))];
        foreach (var file in files)
            Backbone.SaveKeras(name, file, options);
        using var backbone = Backbone.Load(name, options);
        // With random weights these amplify rounding on pictures of full contrast, so that Keras in 32 bits differs from itself in 64.
        var contrast = name switch { "efficientnet_v2_m" => 64, "efficientnet_v2_l" => 4, _ => 256 };
        KerasJudge.Add(name, files, (96, 96), backbone, contrast: contrast);
    }
}

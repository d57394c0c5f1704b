using System.Text.Json;
using Microsoft.Extensions.Logging;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>Tests backbones that are loaded out of the whole models that people trained in Keras.</summary>
public sealed class NestedBackboneTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("nested-keras3", "model.keras", "layers/functional")]
    [InlineData("nested-teachable-machine", "keras_model.h5", "sequential_1/model1")]
    public void The_backbone_gives_the_features_that_Keras_gives(string folder, string file, string place)
    {
        using var log = new MemoryLoggers();
        using var backbone = Backbone.Load("mobilenet", new()
        {
            Weights = Weights.File(Goldens.Path("cases", folder, file)),
            IncludeTop = false,
            Pooling = Pooling.Avg,
            Alpha = 0.25,
            InputSize = (128, 128),
            CacheCompiledModel = false,
            Store = new() { CacheDirectory = _folder.Path, LoggerFactory = log },
        });
        var expected = JsonSerializer.Deserialize<float[]>(File.ReadAllText(Goldens.Path("cases", folder, "expected.json")))!;

        var features = backbone.Predict(Goldens.Path("cases", folder, "picture.png")).ToArray();

        Assert.Equal(place, backbone.NestedModel);
        Assert.Empty(backbone.UnboundLayers);
        Assert.Empty(backbone.UnusedLayers);
        Assert.Equal(expected.Length, features.Length);
        var scale = expected.Max(Math.Abs);
        Assert.All(expected.Zip(features), p => Assert.InRange(p.Second, p.First - 1e-4f * scale, p.First + 1e-4f * scale));
        var said = Assert.Single(log.Events, e => e.Id.Id == 21);
        Assert.Equal(LogLevel.Information, said.Level);
        Assert.All([file, "mobilenet", place], part => Assert.Contains(part, said.Text));
    }

    [Fact]
    public void By_name_a_nested_backbone_is_never_replaced_by_random_numbers()
    {
        var weights = Weights.File(Goldens.Path("cases", "nested-teachable-machine", "keras_model.h5"), byName: true);
        var options = new BackboneOptions { Weights = weights, IncludeTop = false, Alpha = 0.25, InputSize = (128, 128) };
        using var backbone = Backbone.Load("mobilenet", options with { CacheCompiledModel = false });
        Assert.Equal("sequential_1/model1", backbone.NestedModel);
        Assert.Empty(backbone.UnboundLayers);
    }

    [Fact]
    public void A_model_without_its_top_leaves_the_classifier_of_the_file_and_names_it()
    {
        var options = new BackboneOptions { Alpha = 0.35, InputSize = (32, 32), Classes = 10, CacheCompiledModel = false };
        var file = _folder.File("top.h5");
        Backbone.SaveWeights("mobilenet_v2", file, options with { Weights = Weights.Random(7) });

        using var notop = Backbone.Load("mobilenet_v2", options with { IncludeTop = false, Weights = file });

        Assert.Equal(["predictions"], notop.UnusedLayers);
        Assert.Null(notop.NestedModel);
    }

    [Fact]
    public void A_file_says_which_backbone_it_holds_and_with_which_options_it_loads()
    {
        var info = WeightFileInfo.Read(Goldens.Path("cases", "nested-keras3", "model.keras"));

        Assert.Equal(("whole model of Keras 3 (.keras)", "3.5.0"), (info.Format, info.KerasVersion));
        Assert.Equal(["", "layers/functional"], info.Models.Select(m => m.Path));
        Assert.Equal(["functional_1", "mobilenet_0.25_128"], info.Models.Select(m => m.Name));
        Assert.Equal(3, info.Models[0].Layers[^1].Shapes[1][0]);
        var use = Assert.Single(info.Uses);
        Assert.Equal(("mobilenet", "layers/functional"), (use.Application, use.Model));
        Assert.Equal((0.25, false), (use.Options.Alpha, use.Options.IncludeTop));
        using var backbone = Backbone.Load(use.Application, use.Options with { InputSize = (32, 32), CacheCompiledModel = false });
        Assert.Equal("layers/functional", backbone.NestedModel);
    }

    [Fact]
    public void A_network_is_told_from_others_of_its_family()
    {
        var file = _folder.File("some.h5");
        Backbone.SaveWeights("mobilenet_v3_small", file, new() { Weights = Weights.Random(1), Classes = 7, InputSize = (32, 32) });
        var use = Assert.Single(WeightFileInfo.Read(file).Uses);
        Assert.Equal(("mobilenet_v3_small", true, 7), (use.Application, use.Options.IncludeTop, use.Options.Classes));
        Assert.Empty(use.UnusedLayers);
    }

    [Fact]
    public void A_shallow_network_takes_no_weights_of_a_deeper_one_of_the_same_names()
    {
        var file = _folder.File("deep.h5");
        var options = new BackboneOptions { IncludeTop = false, InputSize = (32, 32), Weights = Weights.Random(1) };
        Backbone.SaveWeights("resnet101", file, options);
        Assert.Equal("resnet101", Assert.Single(WeightFileInfo.Read(file).Uses).Application);
        Assert.Throws<WeightsMismatchException>(() => Backbone.Load("resnet50", options with { Weights = file }));
    }

    [Fact]
    public void A_file_whose_network_prepares_pixels_otherwise_is_refused_because_every_feature_would_differ()
    {
        var file = _folder.File("bare.keras");
        var options = new BackboneOptions { IncludeTop = false, InputSize = (32, 32), CacheCompiledModel = false };
        Backbone.SaveKeras("mobilenet_v3_small", file, options with { Weights = Weights.Random(1), IncludePreprocessing = false });
        var e = Assert.Throws<WeightsMismatchException>(() => Backbone.Load("mobilenet_v3_small", options with { Weights = file }));
        Assert.Equal(("1 Rescaling", "0 Rescaling"), (e.Expected, e.Found));
        Assert.Contains("IncludePreprocessing", e.Message);
        using var bare = Backbone.Load("mobilenet_v3_small", options with { Weights = file, IncludePreprocessing = false });
        Assert.Null(bare.NestedModel);
    }
}

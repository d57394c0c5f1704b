using Microsoft.Extensions.Logging;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>Tests that a load by name reports layers without weights, so that random features never pass for trained ones.</summary>
public sealed class WeightsByNameTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_names_no_layer_of_the_model_is_refused_wherever_weights_are_read()
    {
        var options = new BackboneOptions
        {
            IncludeTop = false,
            Alpha = 0.25,
            InputSize = (128, 128),
            Weights = Weights.File(Goldens.Path("h5", "other_names.h5"), byName: true),
        };
        Action[] uses =
        [
            () => Backbone.Load("mobilenet", options),
            () => Backbone.SaveWeights("mobilenet", _folder.File("out.h5"), options),
            () => Backbone.ExportOnnx("mobilenet", _folder.File("out.onnx"), options),
        ];
        Assert.All(uses, use =>
        {
            var e = Assert.Throws<WeightsMismatchException>(use);
            Assert.All(["other_names.h5", "convolution2d_1", "conv1", "byName: false"], part => Assert.Contains(part, e.Message));
        });
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Layers_that_the_file_does_not_name_are_listed_by_the_backbone_and_logged()
    {
        var options = new BackboneOptions { Alpha = 0.35, InputSize = (32, 32), Classes = 10, CacheCompiledModel = false };
        var file = _folder.File("notop.h5");
        Backbone.SaveWeights("mobilenet_v2", file, options with { IncludeTop = false, Weights = Weights.Random(7) });
        using var log = new MemoryLoggers();
        var store = new WeightStoreOptions { CacheDirectory = _folder.Path, LoggerFactory = log };

        using var partly = Backbone.Load("mobilenet_v2", options with { Weights = Weights.File(file, byName: true), Store = store });

        Assert.Equal(["predictions"], partly.UnboundLayers);
        var said = Assert.Single(log.Events);
        Assert.Equal((20, "PartlyBound", LogLevel.Warning), (said.Id.Id, said.Id.Name, said.Level));
        Assert.All([file, "104 of the 105", "mobilenet_v2", "predictions"], part => Assert.Contains(part, said.Text));
    }

    [Fact]
    public void A_file_that_names_every_layer_leaves_none_unbound_and_says_nothing()
    {
        var options = new BackboneOptions
        {
            IncludeTop = false,
            Alpha = 0.35,
            InputSize = (32, 32),
            Pooling = Pooling.Avg,
            CacheCompiledModel = false,
        };
        var file = _folder.File("notop.h5");
        Backbone.SaveWeights("mobilenet_v2", file, options with { Weights = Weights.Random(7) });
        using var log = new MemoryLoggers();
        var store = new WeightStoreOptions { CacheDirectory = _folder.Path, LoggerFactory = log };
        var pixels = new byte[32 * 32 * 3];
        new Random(1).NextBytes(pixels);

        using var byName = Backbone.Load("mobilenet_v2", options with { Weights = Weights.File(file, byName: true), Store = store });
        using var random = Backbone.Load("mobilenet_v2", options with { Weights = Weights.Random(7) });

        Assert.Empty(byName.UnboundLayers);
        Assert.Empty(random.UnboundLayers);
        Assert.Empty(log.Events);
        Assert.Equal(random.Predict(pixels).ToArray(), byName.Predict(pixels).ToArray());
    }
}

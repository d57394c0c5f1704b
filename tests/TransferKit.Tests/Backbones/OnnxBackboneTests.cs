using Microsoft.Extensions.DependencyInjection;
using TransferKit.Common;

namespace TransferKit.Tests;

public class OnnxBackboneTests
{
    // PyTorch computes in other orders of summation.
    private const float Bound = 1e-5f;

    [Theory]
    [MemberData(nameof(OnnxGoldens.Cases), MemberType = typeof(OnnxGoldens))]
    public void Outputs_equal_PyTorchs_and_pixels_Pillows(string model, string picture)
    {
        using var backbone = Open(model);

        var pixels = backbone.Images.FittingTo(backbone.InputSize).Load(OnnxGoldens.Picture(picture));
        var found = backbone.PredictAll(OnnxGoldens.Picture(picture));

        Assert.Equal(OnnxGoldens.Pixels(model, picture), pixels);
        var expected = OnnxGoldens.Outputs(model, picture);
        Assert.Equal(expected.Keys, found.Keys);
        foreach (var (name, (shape, values)) in expected)
        {
            Assert.Equal([1, .. shape], found[name].Shape);
            Assert.InRange(OnnxGoldens.Difference(values, found[name].Values.Span), 0, Bound);
        }
    }

    [Theory]
    [InlineData("cnn")]
    [InlineData("vit")]
    [InlineData("one")]
    [InlineData("nhwc")]
    public void A_batch_gives_what_its_images_give(string model)
    {
        var options = new OnnxOptions { Outputs = [model == "vit" ? "pooler_output" : "features"] };
        using var backbone = Open(model, options);
        string[] pictures = ["chelsea.png", "rocket.jpg", "coffee.png"];

        var batch = backbone.Predict(pictures.Concat(pictures).Select(OnnxGoldens.Picture));

        for (var i = 0; i < batch.Count; i++)
        {
            var expected = OnnxGoldens.Outputs(model, pictures[i % 3])[options.Outputs[0]].Values;
            Assert.InRange(OnnxGoldens.Difference(expected, batch[i]), 0, Bound);
        }
    }

    [Theory]
    [InlineData(OnnxPooling.Cls)]
    [InlineData(OnnxPooling.Avg)]
    [InlineData(OnnxPooling.Max)]
    public void Tokens_are_pooled(OnnxPooling pooling)
    {
        using var backbone = Open("vit", new() { Outputs = ["last_hidden_state"], Pooling = pooling });
        var (shape, tokens) = OnnxGoldens.Outputs("vit", "rocket.jpg")["last_hidden_state"];
        var columns = Enumerable.Range(0, shape[1]).Select(c => Enumerable.Range(0, shape[0]).Select(t => tokens[(t * shape[1]) + c]));
        float[] expected = [.. columns.Select(c => pooling switch
        {
            OnnxPooling.Cls => c.First(),
            OnnxPooling.Avg => c.Average(),
            _ => c.Max(),
        })];

        var found = backbone.Predict(OnnxGoldens.Picture("rocket.jpg"));

        Assert.Equal([1, shape[1]], found.Shape);
        Assert.InRange(OnnxGoldens.Difference(expected, found[0]), 0, Bound);
    }

    [Theory]
    [InlineData("cnn")]
    [InlineData("one")]
    public void A_map_is_pooled_to_the_models_own_mean(string model)
    {
        using var backbone = Open(model, new() { Outputs = ["map"], Pooling = OnnxPooling.Avg });

        var found = backbone.Predict(OnnxGoldens.Picture("coffee.png"));

        Assert.InRange(OnnxGoldens.Difference(OnnxGoldens.Outputs(model, "coffee.png")["features"].Values, found[0]), 0, Bound);
    }

    [Fact]
    public void A_value_inside_of_the_graph_can_be_the_output()
    {
        using var table = Open("cnn");
        var relu = table.Summary().Layers.Single(l => l.Type == "Relu");
        var inside = global::Onnx.ModelProto.Parser.ParseFrom(File.ReadAllBytes(OnnxGoldens.Model("cnn")))
            .Graph.Node.Single(n => n.OpType == "Relu").Output[0];

        using var backbone = Open("cnn", new() { Outputs = [inside] });

        Assert.Equal(relu.Name, table.Summary().Layers[1].Name);
        Assert.Equal([16, 16, 8], Assert.Single(backbone.Outputs).Shape);
        Assert.All(backbone.Predict(OnnxGoldens.Picture("rocket.jpg"))[0].ToArray(), v => Assert.True(v >= 0));
    }

    [Fact]
    public void An_exported_backbone_gives_the_features_that_it_had()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "small.onnx");
        var options = new BackboneOptions
        {
            IncludeTop = false,
            Pooling = Pooling.Avg,
            InputSize = (64, 64),
            Weights = Weights.Random(3),
            Alpha = 0.35,
            CacheCompiledModel = false,
        };
        Backbone.ExportOnnx("mobilenet_v2", path, options);
        using var named = Backbone.Load("mobilenet_v2", options);

        using var backbone = Backbone.FromOnnx(path, new() { CacheCompiledModel = false });

        var expected = named.Predict(OnnxGoldens.Picture("rocket.jpg")).ToArray();
        Assert.InRange(OnnxGoldens.Difference(expected, backbone.Predict(OnnxGoldens.Picture("rocket.jpg"))[0]), 0, Bound);
    }

    [Fact]
    public void Options_stand_in_for_a_missing_configuration()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "vit.onnx");
        File.Copy(OnnxGoldens.Model("vit"), path);

        using var backbone = Backbone.FromOnnx(path, new()
        {
            InputSize = (32, 32),
            Images = new() { Interpolation = Interpolation.Bicubic, CropFrom = CropFrom.ShortestEdge(40) },
            Scaling = PixelScaling.ImageNet,
            Outputs = ["pooler_output"],
            CacheCompiledModel = false,
        });

        Assert.Equal("vit", backbone.Name);
        var expected = OnnxGoldens.Outputs("vit", "chelsea.png")["pooler_output"].Values;
        Assert.InRange(OnnxGoldens.Difference(expected, backbone.Predict(OnnxGoldens.Picture("chelsea.png"))[0]), 0, Bound);
    }

    [Fact]
    public void The_compiled_model_is_cached_by_the_files_content()
    {
        using var folder = new TemporaryFolder();
        var options = new OnnxOptions { Outputs = ["features"], Store = new() { CacheDirectory = folder.Path } };
        float[] Features()
        {
            using var backbone = Backbone.FromOnnx(OnnxGoldens.Model("cnn"), options);
            return backbone.Predict(OnnxGoldens.Picture("rocket.jpg")).ToArray();
        }

        var (first, second) = (Features(), Features());

        Assert.Equal(first, second);
        Assert.Single(Directory.GetDirectories(folder.Path, "model-*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_folder_is_extracted_as_with_any_backbone()
    {
        using var backbone = Open("vit", new() { Outputs = ["pooler_output"] });
        using var folder = new TemporaryFolder();
        File.Copy(OnnxGoldens.Picture("chelsea.png"), Path.Combine(folder.Path, "chelsea.png"));

        var row = await new FeatureExtractor(backbone).ExtractAsync(folder.Path).SingleAsync();

        var expected = OnnxGoldens.Outputs("vit", "chelsea.png")["pooler_output"].Values;
        Assert.InRange(OnnxGoldens.Difference(expected, row.Features.Span), 0, Bound);
        Assert.StartsWith("sha256:", ((BackboneIdentity)backbone.GetService(typeof(BackboneIdentity))!).Weights);
    }

    [Fact]
    public void A_container_loads_it_once_and_disposes_it()
    {
        var loads = 0;
        var services = new ServiceCollection().AddBackbone("own", _ =>
        {
            loads++;
            return Open("cnn", new() { Outputs = ["features"] });
        });
        IBackbone backbone;
        using (var provider = services.BuildServiceProvider())
        {
            backbone = provider.GetRequiredService<IBackbone>();
            Assert.Same(backbone, provider.GetRequiredKeyedService<IBackbone>("own"));
        }

        Assert.Equal(1, loads);
        Assert.Throws<ObjectDisposedException>(() => backbone.Predict(OnnxGoldens.Picture("rocket.jpg")));
        Assert.Throws<ArgumentException>(() => services.AddBackbone("own", _ => backbone));
    }

    private static IBackbone Open(string model, OnnxOptions? options = null) =>
        Backbone.FromOnnx(OnnxGoldens.Model(model), (options ?? new()) with { CacheCompiledModel = false });
}

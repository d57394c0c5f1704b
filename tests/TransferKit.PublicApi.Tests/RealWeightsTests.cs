using System.Text.Json;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

public class RealWeightsTests
{
    private static readonly Dictionary<string, float[]> Features = ReadFeatures();

    public static TheoryData<string> Images => new(Features.Keys);

    [Theory, MemberData(nameof(Images))]
    public void The_features_of_the_real_weights_equal_Keras(string image)
    {
        var found = SharedBackbone.MobileNet.Predict(Goldens.Path("images", image), new() { Interpolation = Interpolation.Bicubic });

        var expected = Features[image];
        Assert.Equal([1, 1280], found.Shape);
        var difference = expected.Zip(found.ToArray()).Max(p => Math.Abs(p.First - p.Second));
        Assert.True(difference <= 1e-4 * expected.Max(Math.Abs), $"{image} differs by {difference}");
    }

    [Fact]
    public void Files_streams_pixels_and_floats_give_the_same_features()
    {
        var backbone = SharedBackbone.MobileNet;
        var path = Goldens.Path("images", "rocket.jpg");
        var image = RgbImage.Load(path).Resize(224, 224, Interpolation.Nearest);
        var floats = Array.ConvertAll(image.Pixels.ToArray(), b => (float)b);
        var expected = backbone.Predict(path).ToArray();

        using var stream = File.OpenRead(path);
        Assert.Equal(expected, backbone.Predict(stream).ToArray());
        Assert.Equal(expected, backbone.Predict(image).ToArray());
        Assert.Equal(expected, backbone.Predict(image.Pixels.Span).ToArray());
        Assert.Equal(expected, backbone.Predict(floats).ToArray());
    }

    [Fact]
    public void A_batch_gives_what_its_images_give_alone()
    {
        var backbone = SharedBackbone.MobileNet;
        string[] names = ["rocket.jpg", "chelsea.png", "coffee.png"];
        string[] paths = [.. Enumerable.Repeat(names, 12).SelectMany(p => p).Select(p => Goldens.Path("images", p))];

        var together = backbone.Predict(paths);

        Assert.Equal([36, 1280], together.Shape);
        for (var i = 0; i < 36; i += 7)
            AssertClose(backbone.Predict(paths[i]).ToArray(), together[i].ToArray());
    }

    [Fact]
    public void Several_layers_come_from_one_run()
    {
        using var backbone = Backbone.Load("mobilenet_v2", new()
        {
            IncludeTop = false,
            Alpha = 0.35,
            Weights = MobileNetV2Weights.Alpha035NoTop,
            CacheCompiledModel = false,
            Layers = ["block_3_expand_relu", "out_relu"],
        });

        var outputs = backbone.PredictAll(Goldens.Path("images", "rocket.jpg"), new() { Interpolation = Interpolation.Bicubic });

        Assert.Equal([1, 56, 56, 48], outputs["block_3_expand_relu"].Shape);
        var map = outputs["out_relu"];
        Assert.Equal([1, 7, 7, 1280], map.Shape);
        var means = Enumerable.Range(0, 1280).Select(c => Enumerable.Range(0, 49).Average(p => map[0][p * 1280 + c])).ToArray();
        AssertClose(Features["rocket.jpg"], means);
        Assert.Throws<InvalidOperationException>(() => backbone.Predict(Goldens.Path("images", "rocket.jpg")));
    }

    [Fact]
    public async Task Many_threads_may_use_one_backbone()
    {
        var path = Goldens.Path("images", "coffee.png");
        var expected = SharedBackbone.MobileNet.Predict(path).ToArray();

        var found = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => Task.Run(() => SharedBackbone.MobileNet.Predict(path).ToArray())));

        Assert.All(found, f => Assert.Equal(expected, f));
    }

    private static void AssertClose(float[] expected, float[] found)
    {
        var difference = expected.Zip(found).Max(p => Math.Abs(p.First - p.Second));
        Assert.True(difference <= 1e-4 * expected.Max(Math.Abs), $"differs by {difference}");
    }

    private static Dictionary<string, float[]> ReadFeatures()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Goldens.Path("weights", "mobilenet_v2_0.35_features.json")));
        return json.RootElement.GetProperty("features").Deserialize<Dictionary<string, float[]>>()!;
    }
}

namespace TransferKit.PublicApi.Tests;

/// <summary>Tests the preprocessing inside the model of some families against a computation by hand.</summary>
public class PreprocessingInsideTests
{
    private static readonly double[] Mean = [0.485, 0.456, 0.406];
    private static readonly double[] StdDev = [0.229, 0.224, 0.225];

    [Theory]
    [InlineData("mobilenet_v3_small"), InlineData("efficientnet_v2_b0"), InlineData("efficientnet_v2_s"), InlineData("convnext_tiny")]
    public void Without_it_a_network_takes_what_Keras_would_have_prepared(string name)
    {
        var pixels = Pixels();
        var prepared = pixels.Select((x, i) => name switch
        {
            "mobilenet_v3_small" => (float)(x / 127.5 - 1),
            "efficientnet_v2_s" => (float)(x / 128.0 - 1),
            _ => (float)((x / 255.0 - Mean[i % 3]) / StdDev[i % 3]),
        }).ToArray();

        using var inside = Load(name, Backbone.Stages(name)[0].Layer);
        using var outside = Load(name, Backbone.Stages(name)[0].Layer, includePreprocessing: false);

        Assert.Equal((PreprocessMode.None, PreprocessMode.None), (inside.Preprocess, outside.Preprocess));
        AssertClose(inside.Predict(pixels).ToArray(), outside.Predict(prepared).ToArray());
    }

    [Fact]
    public void The_identity_stands_for_preprocess_input_in_four_families() => Assert.Equal(
        Backbone.All.Select(b => b.Name).Where(
            n => n.StartsWith("mobilenet_v3") || n.StartsWith("efficientnet") || n.StartsWith("convnext")),
        Backbone.All.Where(b => b.Preprocess == PreprocessMode.None).Select(b => b.Name));

    private static IBackbone Load(string name, string layer, bool? includePreprocessing = null) => Backbone.Load(name, new()
    {
        IncludeTop = false,
        InputSize = (32, 32),
        Layers = [layer],
        IncludePreprocessing = includePreprocessing,
        Weights = Weights.Random(seed: 3),
        CacheCompiledModel = false,
    });

    private static float[] Pixels()
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, 32 * 32 * 3).Select(_ => (float)random.Next(256))];
    }

    private static void AssertClose(float[] expected, float[] found)
    {
        var difference = expected.Zip(found).Max(p => Math.Abs(p.First - p.Second));
        Assert.True(difference <= 1e-5 * expected.Max(Math.Abs), $"differs by {difference}");
    }
}

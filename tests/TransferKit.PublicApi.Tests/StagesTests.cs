namespace TransferKit.PublicApi.Tests;

public class StagesTests
{
    [Fact]
    public void The_stages_of_a_backbone_are_known_before_it_is_loaded() => Assert.Equal(
        [
            "1/2 conv1_relu (None, 112, 112, 64)",
            "1/4 conv2_block3_out (None, 56, 56, 256)",
            "1/8 conv3_block4_out (None, 28, 28, 512)",
            "1/16 conv4_block6_out (None, 14, 14, 1024)",
            "1/32 conv5_block3_out (None, 7, 7, 2048)",
        ],
        Backbone.Stages("resnet50").Select(s => $"1/{s.Reduction} {s}"));

    [Fact]
    public void Stages_follow_the_options()
    {
        var options = new BackboneOptions { IncludeTop = false, Alpha = 0.35, InputSize = (96, 160) };

        var last = Backbone.Stages("mobilenet_v2", options)[^1];

        Assert.Equal(("out_relu", 32, 1280), (last.Layer, last.Reduction, last.Channels));
        Assert.Equal([3, 5, 1280], last.Shape);
    }

    [Fact]
    public void A_vector_has_no_reduction_and_a_map_has_one()
    {
        var options =
            new BackboneOptions { InputSize = (64, 96), Weights = Weights.Random(seed: 1), IncludeTop = false, Pooling = Pooling.Avg };

        using var both = Backbone.Load(
            "mobilenet_v2", options with { Layers = ["out_relu", Backbone.Summary("mobilenet_v2", options).Layers[^1].Name] });

        Assert.Equal([32, null], both.Outputs.Select(o => o.Reduction));
        Assert.Equal([1280, 1280], both.Outputs.Select(o => o.Channels));
    }

    // Stages must not change if rewrites fold paddings and normalisations around them.
    [Theory]
    [InlineData("mobilenet_v2"), InlineData("mobilenet_v3_small"), InlineData("efficientnet_b0"), InlineData("nasnet_mobile")]
    public void One_run_gives_all_stages_as_each_alone(string name)
    {
        var options = new BackboneOptions
        {
            IncludeTop = false,
            InputSize = (64, 96),
            Weights = Weights.Random(seed: 1),
            CacheCompiledModel = false,
        };
        var pixels = new byte[2 * 64 * 96 * 3];
        new Random(1).NextBytes(pixels);
        var stages = Backbone.Stages(name, options);

        using var all = Backbone.Load(name, options with { AllStages = true });
        var outputs = all.PredictAll(pixels);

        Assert.Equal(stages.Select(s => (s.Layer, s.Reduction)), all.Outputs.Select(o => (o.Layer, o.Reduction)));
        foreach (var stage in stages)
        {
            using var alone = Backbone.Load(name, options with { Layers = [stage.Layer] });
            var expected = alone.Predict(pixels).ToArray();
            var found = outputs[stage.Layer];

            Assert.Equal([2, .. stage.Shape], found.Shape);
            var difference = expected.Zip(found.ToArray()).Max(p => Math.Abs(p.First - p.Second));
            Assert.True(difference <= 1e-4 * expected.Max(Math.Abs), $"{stage}: differs by {difference}");
            Assert.True(expected.Distinct().Count() > 10, $"{stage}: says nothing");
        }
    }

    [Fact]
    public void All_stages_and_chosen_layers_exclude_each_other() => Assert.Contains(
        "out_relu",
        Assert.Throws<BackboneOptionsException>(
            () => Backbone.Stages("mobilenet_v2", new() { AllStages = true, Layers = ["out_relu"] })).Message);

    [Fact]
    public void Pooling_would_not_be_seen_beside_all_stages_and_is_refused() => Assert.Contains(
        "AllStages ends the network before it",
        Assert.Throws<BackboneOptionsException>(
            () => Backbone.Stages("mobilenet_v2", new() { IncludeTop = false, AllStages = true, Pooling = Pooling.Avg })).Message);
}

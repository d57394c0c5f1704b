namespace TransferKit.PublicApi.Tests;

public class StagesTests
{
    [Fact]
    public void The_stages_of_a_backbone_are_known_before_it_is_loaded() => Assert.Equal(
        [
            "conv1_relu 1/2 (None, 112, 112, 64)",
            "conv2_block3_out 1/4 (None, 56, 56, 256)",
            "conv3_block4_out 1/8 (None, 28, 28, 512)",
            "conv4_block6_out 1/16 (None, 14, 14, 1024)",
            "conv5_block3_out 1/32 (None, 7, 7, 2048)",
        ],
        Backbone.Stages("resnet50").Select(s => s.ToString()));

    [Fact]
    public void Stages_follow_the_options()
    {
        var options = new BackboneOptions { IncludeTop = false, Alpha = 0.35, InputSize = (96, 160) };

        var last = Backbone.Stages("mobilenet_v2", options)[^1];

        Assert.Equal(("out_relu", 32, 1280), (last.Layer, last.Reduction, last.Channels));
        Assert.Equal([3, 5, 1280], last.OutputShape);
    }

    // Folded paddings, normalisations and cells that read past each other: what is read in between must not change.
    [Theory]
    [InlineData("mobilenet_v2"), InlineData("mobilenet_v3_small"), InlineData("efficientnet_b0"), InlineData("nasnet_mobile")]
    public void One_run_gives_all_stages_as_each_alone(string name)
    {
        var options = new BackboneOptions
        {
            IncludeTop = false, InputSize = (64, 96), Weights = Weights.Random(seed: 1), CacheCompiledModel = false,
        };
        var pixels = new byte[2 * 64 * 96 * 3];
        new Random(1).NextBytes(pixels);
        var stages = Backbone.Stages(name, options);

        using var all = Backbone.Load(name, options with { AllStages = true });
        var outputs = all.PredictAll(pixels);

        Assert.Equal(stages.Select(s => s.Layer), all.Outputs.Select(o => o.Layer));
        foreach (var stage in stages)
        {
            using var alone = Backbone.Load(name, options with { Layers = [stage.Layer] });
            var expected = alone.Predict(pixels).ToArray();
            var found = outputs[stage.Layer];

            Assert.Equal([2, .. stage.OutputShape], found.Shape);
            var difference = expected.Zip(found.ToArray()).Max(p => Math.Abs(p.First - p.Second));
            Assert.True(difference <= 1e-4 * expected.Max(Math.Abs), $"{stage}: differs by {difference}");
            Assert.True(expected.Distinct().Count() > 10, $"{stage}: says nothing");
        }
    }

    [Fact]
    public void All_stages_and_chosen_layers_exclude_each_other() => Assert.Contains(
        "out_relu",
        Assert.Throws<BackboneOptionsException>(() => Backbone.Stages("mobilenet_v2", new() { AllStages = true, Layers = ["out_relu"] })).Message);

    [Fact]
    public void Pooling_would_not_be_seen_beside_all_stages_and_is_refused() => Assert.Contains(
        "AllStages cuts before it",
        Assert.Throws<BackboneOptionsException>(() => Backbone.Stages("mobilenet_v2", new() { IncludeTop = false, AllStages = true, Pooling = Pooling.Avg })).Message);
}

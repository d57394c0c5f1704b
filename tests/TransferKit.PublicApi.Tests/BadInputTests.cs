using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

public class BadInputTests
{
    [Fact]
    public void An_unknown_backbone_suggests_the_nearest_name()
    {
        var error = Assert.Throws<UnknownNameException>(() => Backbone.Load("resnet5O"));

        Assert.Equal("resnet50", error.Suggestion);
        Assert.Contains("Did you mean 'resnet50'?", error.Message);
    }

    [Fact]
    public void An_unknown_layer_suggests_the_nearest_name() =>
        Assert.Contains(
            "Did you mean 'block1_conv1'?",
            Assert.Throws<UnknownNameException>(() => Backbone.Load("vgg16", layer: "block1_conv1x")).Message);

    [Fact]
    public void A_name_that_is_near_to_none_gets_no_suggestion() =>
        Assert.DoesNotContain(
            "Did you mean", Assert.Throws<UnknownNameException>(() => Backbone.Load("vgg16", layer: "embedding_of_words")).Message);

    [Fact]
    public void Outputs_that_cannot_be_are_refused_before_any_download()
    {
        Assert.Contains("fc2 2 times", Problem(new() { Layers = ["fc2", "fc2"] }));
        Assert.Contains(
            "block4_pool, ends the network before it",
            Problem(new() { IncludeTop = false, Pooling = Pooling.Avg, Layers = ["block4_pool"] }));
        Assert.Contains("99", Problem(new() { IncludeTop = false, Pooling = (Pooling)99 }));
        Assert.Contains("99", Problem(new() { Preprocess = (PreprocessMode)99 }));
        Assert.Contains("30000x30000", Problem(new() { IncludeTop = false, InputSize = (30000, 30000) }));
        Assert.Throws<ArgumentNullException>(() => Backbone.Load("vgg16", new BackboneOptions { Layers = null! }));
        var options = new BackboneOptions
        {
            IncludeTop = false,
            Pooling = Pooling.Avg,
            Layers = ["block4_pool", "global_average_pooling2d"],
        };
        Assert.Equal(2, Backbone.Summary("vgg16", options).Layers.Count(l => l.Name is "block4_pool" or "global_average_pooling2d"));

        static string Problem(BackboneOptions options) =>
            Assert.Single(Assert.Throws<BackboneOptionsException>(() => Backbone.Load("vgg16", options)).Problems);
    }

    [Fact]
    public void Names_are_told_in_any_case() => Assert.Equal("vgg16", Backbone.Summary("VGG16").ModelName);

    [Fact]
    public void All_that_is_wrong_with_options_is_said_at_once()
    {
        var error = Assert.Throws<BackboneOptionsException>(() =>
            Backbone.Load("vgg16", inputSize: (480, 640), classes: 10, alpha: 0.5));

        Assert.Equal(3, error.Problems.Count);
        Assert.All(error.Problems, problem => Assert.Contains(problem, error.Message));
    }

    [Fact]
    public void An_input_below_the_minimum_is_refused_with_the_minimum()
    {
        var error = Assert.Throws<BackboneOptionsException>(() => Backbone.Load("xception", includeTop: false, inputSize: (70, 200)));

        Assert.Contains("71", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(224 * 224 * 3 - 1)]
    [InlineData(224 * 224 * 3 + 3)]
    public void Pixels_that_are_no_whole_batch_are_refused_with_the_shape(int length)
    {
        Assert.Contains(
            "(n, 224, 224, 3)", Assert.Throws<ArgumentException>(() => SharedBackbone.MobileNet.Predict(new byte[length])).Message);
        Assert.Contains(
            "(n, 224, 224, 3)", Assert.Throws<ArgumentException>(() => SharedBackbone.MobileNet.Predict(new float[length])).Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_value_that_is_no_number_is_refused_with_its_place(float value)
    {
        var pixels = new float[224 * 224 * 3];
        pixels[(2 * 224 + 5) * 3 + 1] = value;

        var error = Assert.Throws<ArgumentException>(() => SharedBackbone.MobileNet.Predict(pixels));

        Assert.Contains("image 0, row 2, column 5, channel 1", error.Message);
    }

    [Fact]
    public void Files_that_are_no_images_are_refused_by_name()
    {
        foreach (var name in new[] { "made_empty.jpg", "made_not_an_image.jpg", "made_cut_in_half.jpg" })
        {
            Assert.Contains(
                name, Assert.Throws<ImageDecodeException>(() => SharedBackbone.MobileNet.Predict(Goldens.Path("images", name))).Message);
        }
    }

    [Fact]
    public void A_disposed_backbone_says_so()
    {
        var backbone = Backbone.Load("mobilenet_v2", SharedBackbone.Options);
        backbone.Dispose();
        backbone.Dispose();

        Assert.Throws<ObjectDisposedException>(() => backbone.Predict(new byte[224 * 224 * 3]));
    }

    [Fact]
    public void Weights_of_another_model_are_refused_with_layer_and_shapes()
    {
        var error = Assert.Throws<WeightsMismatchException>(() =>
            Backbone.Load("mobilenet_v2", includeTop: false, alpha: 0.5, weights: MobileNetV2Weights.Alpha035NoTop));

        Assert.Contains(error.Layer!, error.Message);
    }
}

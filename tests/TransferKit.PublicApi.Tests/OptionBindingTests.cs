using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;

namespace TransferKit.PublicApi.Tests;

/// <summary>
/// Every option can be written in a configuration file, and none is passed over. The options are found by reflection, so that a new one
/// cannot be forgotten.
/// </summary>
public class OptionBindingTests
{
    private static readonly BoundOptions Options = new(
        typeof(Backbone).Assembly,
        [
            "BackboneOptions.ConfigureSession", "Calibration.Progress", "ImageLoadOptions.Decoder", "KerasModelOptions.ConfigureSession",
            "OnnxOptions.ConfigureSession",
            "TransferKitOptions.Decoder",
            "WeightStoreOptions.HttpClient", "WeightStoreOptions.LoggerFactory",
        ],
        samples: []);

    public static TheoryData<Type> OptionTypes => [.. Options.Types];

    [Theory]
    [MemberData(nameof(OptionTypes))]
    public void Every_option_is_bound_from_json(Type type) => Options.AssertAllAreBound(type);

    [Theory]
    [MemberData(nameof(OptionTypes))]
    public void Options_are_sealed_records(Type type)
    {
        Assert.True(type.IsSealed, type.Name);
        Assert.NotNull(type.GetMethod("<Clone>$"));
    }

    [Theory]
    [InlineData("""{ "Weights": "/x/y.h5" }""", "/x/y.h5")]
    [InlineData("""{ "Weights": "none" }""", "random (seed 0)")]
    [InlineData("""{ "Weights": "ImageNet" }""", "imagenet")]
    public void Weights_are_text(string json, string weights) =>
        Assert.Equal(
            Weights.FromString(weights.StartsWith("random", StringComparison.Ordinal) ? "none" : weights),
            BoundOptions.Bind<BackboneOptions>(json).Weights);

    [Theory]
    [InlineData("""{ "InputSize": { "Height": 96, "Width": 64 } }""")]
    [InlineData("""{ "InputSize": "96x64" }""")]
    [InlineData("""{ "InputSize": "96,64" }""")]
    [InlineData("""{ "InputSize": "96 x 64" }""")]
    public void A_size_is_height_and_width_in_this_order(string json) =>
        Assert.Equal(new ImageSize(96, 64), BoundOptions.Bind<BackboneOptions>(json).InputSize);

    [Theory]
    [InlineData("""{ "InputSize": "96" }""")]
    [InlineData("""{ "InputSize": "96x64x3" }""")]
    [InlineData("""{ "InputSize": "wide" }""")]
    [InlineData("""{ "InputSize": [96, 64] }""")]
    [InlineData("""{ "Weights": { "Path": "/x/y.h5" } }""")]
    [InlineData("""{ "Weight": "/x/y.h5" }""")]
    [InlineData("""{ "Pooling": "mean" }""")]
    [InlineData("""{ "Classes": "ten" }""")]
    public void What_does_not_bind_is_an_error(string json) =>
        Assert.Throws<InvalidOperationException>(
            () => BoundOptions.Configuration(JsonNode.Parse(json)!).Get<BackboneOptions>(o => o.ErrorOnUnknownConfiguration = true));

    [Theory]
    [InlineData("480x640", 480, 640)]
    [InlineData("480X640", 480, 640)]
    [InlineData("480,640", 480, 640)]
    public void A_size_parses_height_first(string text, int height, int width)
    {
        Assert.Equal(new ImageSize(height, width), ImageSize.Parse(text));
        Assert.Equal(text.ToLowerInvariant().Replace(',', 'x'), ImageSize.Parse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("480")]
    [InlineData("-480x640")]
    [InlineData("480x")]
    [InlineData("480x640x3")]
    public void What_is_no_size_is_refused(string text)
    {
        Assert.False(ImageSize.TryParse(text, null, out var size));
        Assert.Equal(default, size);
        Assert.Throws<FormatException>(() => ImageSize.Parse(text));
    }
}

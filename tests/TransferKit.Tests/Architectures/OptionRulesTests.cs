using TransferKit.Architectures;

namespace TransferKit.Tests.Architectures;

public class OptionRulesTests
{
    public static TheoryData<string> All => AllArchitectures.Names;

    [Theory, MemberData(nameof(All))]
    public void The_defaults_are_right_with_ImageNet_weights_and_without(string name)
    {
        Assert.Empty(Check(name, o => o));
        Assert.Empty(Check(name, o => o with { ImageNetWeights = true }));
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once() => Assert.Equal(
        [
            "InputSize is 20x300; MobileNetV2 takes 32x32 or more.",
            "Alpha is -1; it must be greater than 0.",
            "DropoutRate is 0.5; MobileNetV2 has no such option: it belongs to "
                + OwnersOf(FamilyOptions.DropoutRate) + ".",
            "Classes is 10; the top of ImageNet weights has 1000.",
            "InputSize is 20x300; MobileNetV2 with its top and ImageNet weights takes 96x96, 128x128, 160x160, 192x192 or 224x224.",
        ],
        Check("mobilenet_v2", o => o with
        {
            InputSize = (20, 300),
            Alpha = -1,
            DropoutRate = 0.5,
            Classes = 10,
            ImageNetWeights = true,
        }));

    [Theory]
    [InlineData(0.6, false, "Alpha is 0.6; MobileNetV3Small has ImageNet weights for 0.75 or 1.")]
    [InlineData(0.75, true, "Alpha is 0.75; MobileNetV3Small, minimalistic, has ImageNet weights for 1.")]
    public void A_width_without_ImageNet_weights_is_named_beside_those_with(double alpha, bool minimalistic, string message)
    {
        Assert.Equal([message], CheckWith(imageNetWeights: true));
        Assert.Empty(CheckWith(imageNetWeights: false));

        IReadOnlyList<string> CheckWith(bool imageNetWeights) => Check("mobilenet_v3_small", o => o with
        {
            Alpha = alpha,
            Minimalistic = minimalistic,
            ImageNetWeights = imageNetWeights,
        });
    }

    [Fact]
    public void ImageNet_weights_are_for_a_depth_multiplier_of_one() => Assert.Equal(
        ["DepthMultiplier is 2; MobileNet has ImageNet weights for 1."],
        Check("mobilenet", o => o with { DepthMultiplier = 2, ImageNetWeights = true }));

    [Theory]
    [InlineData("vgg16", "InputSize is 200x200; VGG16 with its top and ImageNet weights takes 224x224.")]
    [InlineData("nasnet_large", "InputSize is 200x200; NASNetLarge with its top and ImageNet weights takes 331x331.")]
    [InlineData("mobilenet_v3_large", null)]
    public void The_top_of_ImageNet_weights_has_a_size_in_most_families(string name, string? message)
    {
        Assert.Equal(message is null ? [] : [message], Check(name, o => o with { InputSize = (200, 200), ImageNetWeights = true }));
        Assert.Empty(Check(name, o => o with { InputSize = (200, 200), ImageNetWeights = true, IncludeTop = false }));
        Assert.Empty(Check(name, o => o with { InputSize = (200, 200) }));
    }

    // The values are min_size in Keras' calls of obtain_input_shape.
    [Theory, MemberData(nameof(All))]
    public void The_least_size_is_Keras_own(string name) => Assert.Equal(
        name switch { "xception" => 71, "inception_v3" or "inception_resnet_v2" => 75, _ => 32 }, AllArchitectures.Named(name).MinSize);

    [Theory, MemberData(nameof(All))]
    public void The_least_size_is_named(string name)
    {
        var row = AllArchitectures.Named(name);
        var problem = Assert.Single(Check(name, o => o with { InputSize = (row.MinSize, row.MinSize - 1), IncludeTop = false }));
        Assert.EndsWith($"{row.KerasName} takes {row.MinSize}x{row.MinSize} or more.", problem, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(All))]
    public void Options_of_other_families_are_wrong(string name)
    {
        var problems = Check(name, o => o with
        {
            Alpha = 1,
            DepthMultiplier = 1,
            DropoutRate = 0.1,
            DropConnectRate = 0.1,
            Minimalistic = false,
            IncludePreprocessing = true,
        });
        var has = Enum.GetValues<FamilyOptions>().Count(f => f != FamilyOptions.None && AllArchitectures.Named(name).Options.HasFlag(f));
        Assert.Equal(6 - has, problems.Count);
        Assert.All(problems, p => Assert.Contains("has no such option", p, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-0.1), InlineData(1.0), InlineData(double.NaN)]
    public void Rates_are_shares(double rate) =>
        Assert.Equal(2, Check("efficientnet_b0", o => o with { DropoutRate = rate, DropConnectRate = rate }).Count);

    [Fact]
    public void Wrong_options_have_no_weights_and_right_ones_have()
    {
        var row = AllArchitectures.Named("mobilenet");
        foreach (var alpha in new[] { 0.25, 0.3, 1.0, 1.4 })
        {
            var options = AllArchitectures.Defaults(row.Name) with { Alpha = alpha, ImageNetWeights = true };
            Assert.Equal(row.WeightsKey(options) is null, OptionRules.Check(row, options).Count > 0);
        }
    }

    private static IReadOnlyList<string> Check(string name, Func<BuildOptions, BuildOptions> change) =>
        OptionRules.Check(AllArchitectures.Named(name), change(AllArchitectures.Defaults(name)));

    private static string OwnersOf(FamilyOptions option)
    {
        var names = Registry.All.Where(a => a.Options.HasFlag(option)).Select(a => a.KerasName).ToArray();
        return $"{string.Join(", ", names[..^1])} and {names[^1]}";
    }
}

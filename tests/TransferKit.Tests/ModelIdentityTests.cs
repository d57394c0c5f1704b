using System.Globalization;
using System.Reflection;
using TransferKit.Architectures;
using TransferKit.Backbones;

namespace TransferKit.Tests;

/// <summary>Tests that models with different computations never share a cache entry.</summary>
public sealed class ModelIdentityTests
{
    private static readonly BuildOptions Build = new() { InputSize = (224, 224) };

    public static TheoryData<string> OptionsOfTheGraph =>
        [.. typeof(BuildOptions).GetProperties().Where(p => p.CanWrite).Select(p => p.Name)];

    [Theory, MemberData(nameof(OptionsOfTheGraph))]
    public void Each_option_that_shapes_a_graph_is_part_of_its_identity(string name)
    {
        var other = Build with { };
        var option = typeof(BuildOptions).GetProperty(name)!;
        option.SetValue(other, Another(option));

        Assert.NotEqual(Build.Identity, other.Identity);
    }

    [Fact]
    public void An_identity_is_the_same_in_every_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
        try
        {
            Assert.Contains("0.35", (Build with { Alpha = 0.35 }).Identity);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Networks_layers_precisions_hooks_and_calibrations_have_identities_of_their_own()
    {
        var random = new BackboneOptions { Weights = Weights.Random(1) };
        var maps = random with { IncludeTop = false };
        var int8 =
            random with { Precision = Precision.Int8, Calibration = Calibration.Of([RgbImage.FromRgb24(1, 1, new byte[] { 1, 2, 3 })]) };
        string[] identities =
        [
            Identity("resnet50", random), Identity("resnet50v2", random),
            Identity("resnet50", maps with { Layers = ["conv2_block3_out"] }),
            Identity("resnet50", maps with { Layers = ["conv3_block4_out"] }),
            Identity("resnet50", maps with { Layers = ["conv2_block3_out", "conv3_block4_out"] }),
            Identity("resnet50", maps with { AllStages = true }),
            Identity("resnet50", random with { Precision = Precision.Float16 }),
            Identity("resnet50", random with { ConfigureSession = _ => { } }),
            Identity("resnet50", int8), Identity("resnet50", int8 with { Preprocess = PreprocessMode.Tf }),
            Identity("resnet50", int8 with { Calibration = Calibration.Of([RgbImage.FromRgb24(1, 1, new byte[] { 1, 2, 4 })]) }),
            Identity("resnet50", int8 with { Calibration = int8.Calibration with { MinimumCosine = 0.5 } }),
            Identity("resnet50", int8 with { Calibration = int8.Calibration with { Method = CalibrationMethod.MinMax } }),
            Identity(
                "resnet50", int8 with { Calibration = int8.Calibration with { Images = new() { Interpolation = Interpolation.Lanczos } } }),
            Identity("resnet50", int8 with { Calibration = int8.Calibration with { Images = new() { Decode = new() { Draft = true } } } }),
            Identity("resnet50", int8 with { Calibration = int8.Calibration with { Images = new() { Decode = new() { MaxPixels = 9 } } } }),
        ];
        Assert.Equal(identities.Length, identities.Distinct().Count());
        Assert.Equal(Identity("resnet50", int8), Identity("ResNet50", int8));
    }

    [Fact]
    public void A_model_for_another_device_is_the_standard_one_and_never_the_cpus()
    {
        var random = new BackboneOptions { Weights = Weights.Random(1) };
        var cuda = Identity("resnet50", random with { Device = ExecutionDevice.Cuda });

        Assert.NotEqual(Identity("resnet50", random), cuda);
        Assert.Equal(Identity("resnet50", random with { ConfigureSession = _ => { } }), cuda);
    }

    private static object Another(PropertyInfo option) => option.GetValue(Build) switch
    {
        bool value => !value,
        int value => value + 1,
        ImageSize size => new ImageSize(size.Height, size.Width + 1),
        Pooling => Pooling.Avg,
        ClassifierActivation => ClassifierActivation.None,
        null => Activator.CreateInstance(Nullable.GetUnderlyingType(option.PropertyType)!)!,
        var value => throw new NotSupportedException($"{option.Name} is a {value.GetType()}."),
    };

    private static string Identity(string name, BackboneOptions options)
    {
        using var weights = new FormulaWeights(0.8);
        var plan = BackbonePlan.Of(name, options);
        var compiler = new ModelCompiler(plan, BackboneLoader.CompilerOptions(plan, new()));
        return compiler.ForEngine(weights, TestContext.Current.CancellationToken).Identity;
    }
}

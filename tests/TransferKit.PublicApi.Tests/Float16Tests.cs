using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Imaging;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

public class Float16Tests
{
    // Half a unit of the eleventh digit, relative to the number.
    private const double Rounding = 1.0 / (1 << 11);

    private static readonly BackboneOptions Vgg = new() { Layers = ["fc2"], InputSize = (32, 32), Classes = 10, Weights = Weights.Random(3), CacheCompiledModel = false };

    [Fact]
    public void Features_of_fc2_are_within_the_rounding_of_two_layers()
    {
        var pixels = Pixels(3, 32);
        using var floats = Backbone.Load("vgg16", Vgg);
        using var halves = Backbone.Load("vgg16", Vgg with { Precision = Precision.Float16 });

        var (expected, found) = (floats.Predict(pixels), halves.Predict(pixels));

        Assert.Equal(expected.Shape, found.Shape);
        Assert.NotEqual(expected.ToArray(), found.ToArray());
        for (var i = 0; i < 3; i++)
            AssertWithin(2 * Rounding, expected[i].ToArray(), found[i].ToArray());
    }

    [Fact]
    public void A_session_of_the_users_gets_standard_operators_with_the_same_rounding()
    {
        var pixels = Pixels(2, 32);
        using var floats = Backbone.Load("vgg16", Vgg);
        using var halves = Backbone.Load("vgg16", Vgg with { Precision = Precision.Float16, ConfigureSession = o => o.IntraOpNumThreads = 1 });

        // Fifteen layers with weights before the classifier.
        AssertWithin(15 * Rounding, floats.Predict(pixels).ToArray(), halves.Predict(pixels).ToArray());
    }

    [Fact]
    public void What_has_no_large_Dense_layer_computes_the_same_numbers_as_in_floats()
    {
        using var halves = Backbone.Load("mobilenet_v2", SharedBackbone.Options with { Precision = Precision.Float16 });
        var path = Goldens.Path("images", "coffee.png");

        Assert.Equal(SharedBackbone.MobileNet.Predict(path).ToArray(), halves.Predict(path).ToArray());
    }

    [Fact]
    public void The_exported_file_is_half_as_large_and_gives_features_like_those_of_floats()
    {
        using var folder = new TemporaryFolder();
        var pixels = RgbImage.Load(Goldens.Path("images", "coffee.png")).Resize(224, 224, Interpolation.Bicubic).Pixels.ToArray();

        Backbone.ExportOnnx("mobilenet_v2", folder.File("floats.onnx"), SharedBackbone.Options, cancellationToken: TestContext.Current.CancellationToken);
        Backbone.ExportOnnx(
            "mobilenet_v2", folder.File("halves.onnx"), SharedBackbone.Options with { Precision = Precision.Float16 }, cancellationToken: TestContext.Current.CancellationToken);

        var size = new FileInfo(folder.File("floats.onnx")).Length;
        // Biases, depthwise kernels and nodes are not halved.
        Assert.InRange(new FileInfo(folder.File("halves.onnx")).Length, size / 2, size * 0.6);
        using var session = new InferenceSession(folder.File("halves.onnx"));
        using var value = OrtValue.CreateTensorValueFromMemory(pixels, [1, 224, 224, 3]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, session.InputNames, [value], session.OutputNames);
        var similarity = TensorPrimitives.CosineSimilarity(SharedBackbone.MobileNet.Predict(pixels).ToArray(), outputs[0].GetTensorDataAsSpan<float>());
        Assert.True(similarity > 0.9999, $"{similarity}");
    }

    [Fact]
    public void A_calibration_does_not_go_with_it()
    {
        var thrown = Assert.Throws<BackboneOptionsException>(() => Backbone.Load(
            "mobilenet_v2", SharedBackbone.Options with { Precision = Precision.Float16, Calibration = Calibration.Folder("photos") }));
        Assert.Contains("Calibration goes with Precision.Int8", thrown.Message);
    }

    private static byte[] Pixels(int images, int size)
    {
        var pixels = new byte[images * size * size * 3];
        new Random(1).NextBytes(pixels);
        return pixels;
    }

    // Errors of weights add up as a random walk does, not one by one: as vectors, outputs differ by no more than the rounding of each layer.
    private static void AssertWithin(double bound, float[] expected, float[] found)
    {
        var error = TensorPrimitives.Distance<float>(expected, found) / TensorPrimitives.Norm<float>(expected);
        Assert.True(error <= bound, $"{error}");
    }
}

using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

public class Float16Tests
{
    // This is half a unit of the eleventh binary digit, relative to the number.
    private const double Rounding = 1.0 / (1 << 11);

    private static readonly BackboneOptions Vgg =
        new() { Layers = ["fc2"], InputSize = (32, 32), Classes = 10, Weights = Weights.Random(3), CacheCompiledModel = false };

    [Theory, InlineData(false), InlineData(true)]
    public void A_loaded_backbone_has_rounded_weights_in_the_engine_and_in_a_session_of_the_users(bool usersSession)
    {
        var pixels = Pixels(2, 32);
        var options = Vgg with { Precision = Precision.Float16, ConfigureSession = usersSession ? o => o.IntraOpNumThreads = 1 : null };
        using var floats = Backbone.Load("vgg16", Vgg);
        using var halves = Backbone.Load("vgg16", options);

        var (expected, found) = (floats.Predict(pixels), halves.Predict(pixels));

        Assert.Equal(expected.Shape, found.Shape);
        Assert.NotEqual(expected.ToArray(), found.ToArray());
        // Fifteen layers with weights before the classifier.
        AssertWithin(15 * Rounding, expected.ToArray(), found.ToArray());
    }

    [Fact]
    public void A_loaded_backbone_computes_what_the_exported_file_computes()
    {
        using var folder = new TemporaryFolder();
        var options = SharedBackbone.Options with { Precision = Precision.Float16 };
        var pixels = RgbImage.Load(Goldens.Path("images", "coffee.png")).Resize(224, 224, Interpolation.Bicubic).Pixels.ToArray();
        using var loaded = Backbone.Load("mobilenet_v2", options);
        var cached = options with { CacheCompiledModel = true, Store = new() { CacheDirectory = folder.Path } };
        using var fromCache = Backbone.Load("mobilenet_v2", cached);
        Backbone.ExportOnnx("mobilenet_v2", folder.File("halves.onnx"), options, cancellationToken: TestContext.Current.CancellationToken);

        var exported = RunFile(folder.File("halves.onnx"), pixels);

        // The engine has cast the kernels once, when it compiled: no start casts them again.
        var compiled = Assert.Single(
            Directory.GetFiles(folder.Path, "*.onnx", SearchOption.AllDirectories), f => f != folder.File("halves.onnx"));
        Assert.Equal(-1, File.ReadAllBytes(compiled).AsSpan().IndexOf("Cast"u8));
        // Only the order of the sums differs.
        AssertWithin(1e-5, exported, loaded.Predict(pixels).ToArray());
        AssertWithin(1e-5, exported, fromCache.Predict(pixels).ToArray());
    }

    [Fact]
    public void The_exported_file_is_half_as_large_and_gives_features_like_those_of_floats()
    {
        using var folder = new TemporaryFolder();
        var pixels = RgbImage.Load(Goldens.Path("images", "coffee.png")).Resize(224, 224, Interpolation.Bicubic).Pixels.ToArray();

        Backbone.ExportOnnx(
            "mobilenet_v2", folder.File("floats.onnx"), SharedBackbone.Options, cancellationToken: TestContext.Current.CancellationToken);
        Backbone.ExportOnnx(
            "mobilenet_v2", folder.File("halves.onnx"), SharedBackbone.Options with { Precision = Precision.Float16 },
            cancellationToken: TestContext.Current.CancellationToken);

        var size = new FileInfo(folder.File("floats.onnx")).Length;
        // Biases, depthwise kernels and nodes are not halved.
        Assert.InRange(new FileInfo(folder.File("halves.onnx")).Length, size / 2, size * 0.6);
        var similarity = TensorPrimitives.CosineSimilarity(
            SharedBackbone.MobileNet.Predict(pixels).ToArray(), RunFile(folder.File("halves.onnx"), pixels));
        Assert.True(similarity > 0.9999, $"{similarity}");
    }

    [Fact]
    public void A_calibration_does_not_go_with_it()
    {
        var thrown = Assert.Throws<BackboneOptionsException>(() => Backbone.Load(
            "mobilenet_v2", SharedBackbone.Options with { Precision = Precision.Float16, Calibration = Calibration.Folder("photos") }));
        Assert.Contains("Calibration needs Precision.Int8", thrown.Message);
    }

    private static float[] RunFile(string path, byte[] pixels)
    {
        using var session = new InferenceSession(path);
        using var value = OrtValue.CreateTensorValueFromMemory(pixels, [1, 224, 224, 3]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, session.InputNames, [value], session.OutputNames);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static byte[] Pixels(int images, int size)
    {
        var pixels = new byte[images * size * size * 3];
        new Random(1).NextBytes(pixels);
        return pixels;
    }

    // Rounding errors add up as in a random walk, so that vectors of outputs differ by no more than the rounding of one layer.
    private static void AssertWithin(double bound, float[] expected, float[] found)
    {
        var error = TensorPrimitives.Distance<float>(expected, found) / TensorPrimitives.Norm<float>(expected);
        Assert.True(error <= bound, $"{error}");
    }
}

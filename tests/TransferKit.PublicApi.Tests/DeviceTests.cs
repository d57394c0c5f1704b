using Microsoft.ML.OnnxRuntime;

namespace TransferKit.PublicApi.Tests;

public class DeviceTests
{
    [Theory]
    [InlineData(ExecutionDevice.Cuda, "CUDAExecutionProvider", "Microsoft.ML.OnnxRuntime.Gpu")]
    [InlineData(ExecutionDevice.DirectML, "DmlExecutionProvider", "Microsoft.ML.OnnxRuntime.DirectML")]
    [InlineData(ExecutionDevice.CoreML, "CoreMLExecutionProvider", "Microsoft.ML.OnnxRuntime")]
    public void A_device_whose_provider_is_absent_names_the_package_before_any_download(
        ExecutionDevice device, string provider, string package)
    {
        Assert.SkipWhen(OrtEnv.Instance().GetAvailableProviders().Contains(provider), $"ONNX Runtime has {provider} here.");
        using var folder = new TemporaryFolder();
        var options = new BackboneOptions { Device = device, Store = new() { CacheDirectory = folder.Path, Offline = true } };

        var error = Assert.Throws<DeviceUnavailableException>(() => Backbone.Load("vgg16", options));

        Assert.Equal((device, package), (error.Device, error.Package));
        Assert.Contains($"Reference the package {package} ", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Int8_and_undefined_devices_are_refused_with_the_other_options()
    {
        var int8 = new BackboneOptions
        {
            Device = ExecutionDevice.Cuda,
            Precision = Precision.Int8,
            Calibration = Calibration.Folder("photos"),
        };

        Assert.Contains("Device is Cuda, which has no kernels for Precision.Int8", Problem(int8));
        Assert.Contains("Device is 9; it must be", Problem(new() { Device = (ExecutionDevice)9 }));

        static string Problem(BackboneOptions options) =>
            Assert.Single(Assert.Throws<BackboneOptionsException>(() => Backbone.Summary("resnet50", options)).Problems);
    }

    [Theory]
    [InlineData(ExecutionDevice.Cuda)]
    [InlineData(ExecutionDevice.DirectML)]
    [InlineData(ExecutionDevice.CoreML)]
    public void A_device_that_is_there_gives_the_features_of_the_cpu(ExecutionDevice device)
    {
        var pixels = new byte[2 * 224 * 224 * 3];
        new Random(1).NextBytes(pixels);
        IBackbone backbone;
        try
        {
            backbone = Backbone.Load("mobilenet_v2", SharedBackbone.Options with { Device = device });
        }
        catch (DeviceUnavailableException e)
        {
            Assert.Skip(e.Message);
            return;
        }
        using (backbone)
        {
            var (expected, features) = (SharedBackbone.MobileNet.Predict(pixels).ToArray(), backbone.Predict(pixels).ToArray());
            var scale = expected.Max(Math.Abs);
            Assert.All(expected.Zip(features), f => Assert.InRange(Math.Abs(f.First - f.Second), 0, 1e-4f * scale));
        }
    }
}

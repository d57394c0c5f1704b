using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Backbones;

namespace TransferKit.SideBySide;

/// <summary>
/// Compares the CPU, the GPU through CUDA, and plain ONNX Runtime on the GPU with prepared floats, in turn: images a second, and the
/// largest difference from the CPU's features as a share of the largest feature. A changed option of ONNX Runtime's provider runs beside.
/// </summary>
internal static class Gpu
{
    private const int Rounds = 3;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(0.2);
    private static readonly int[] Batches = [1, 8, 32, 64];

    // The provider's option of TransferKit.
    private const string Usual = "use_tf32=0";

    /// <param name="names">The networks, with random weights; none for the usual ones and for MobileNetV2 with its own weights.</param>
    /// <param name="change">An option of the provider and its value, joined by <c>=</c>.</param>
    /// <param name="json">The file for the table as JSON; null for none.</param>
    public static void Run(IReadOnlyList<string> names, string change, string? json)
    {
        var table = new Table(
            "network", "batch", "CPU, images/s", "GPU, images/s", "plain ONNX Runtime on the GPU, images/s", "GPU to CPU", "GPU to plain",
            "first run on the GPU, ms", "difference", $"GPU with {change}, images/s", $"difference with {change}");
        var random =
            new BackboneOptions { IncludeTop = false, Pooling = Pooling.Avg, Weights = Weights.Random(1), CacheCompiledModel = false };
        if (names.Count == 0)
        {
            Compare(table, "mobilenet_v2", random with { Alpha = 0.35, Weights = MobileNetV2Weights.Alpha035NoTop }, change);
            names =
            [
                "resnet50", "mobilenet_v2", "vgg16", "efficientnet_b0", "convnext_tiny", "densenet121", "inception_v3", "xception",
            ];
        }
        foreach (var name in names)
            Compare(table, name, random, change);
        table.Save(json);
    }

    private static void Compare(Table table, string name, BackboneOptions options, string change)
    {
        using var onGpu = Backbone.Load(name, options with { Device = ExecutionDevice.Cuda });
        using var changed = Backbone.Load(name, options with { ConfigureSession = s => Append(s, change) });
        using var onCpu = Backbone.Load(name, options);
        var path = Path.GetTempFileName();
        PlainModel.Write(BackbonePlan.Of(name, options), path);
        using var plain = new PlainModel(path, s => Append(s, Usual));
        File.Delete(path);
        foreach (var batch in Batches)
        {
            var pixels = Pixels(onCpu.InputSize, batch);
            var planar = new float[pixels.Length];
            Preprocess.ToPlanar(pixels, planar, batch, onCpu.InputSize.Height, onCpu.InputSize.Width, onCpu.Preprocess);
            long[] shape = [batch, 3, onCpu.InputSize.Height, onCpu.InputSize.Width];
            // The first run with a batch size includes cuDNN's search for the fastest algorithm of each convolution.
            var first = Load.Milliseconds(() => onGpu.Predict(pixels));
            var features = onCpu.Predict(pixels).Values.ToArray();
            var (difference, differenceOfChanged) = (Difference(onGpu), Difference(changed));
            var speeds = InTurn(
                batch, () => onCpu.Predict(pixels), () => onGpu.Predict(pixels), () => plain.Run(planar, shape),
                () => changed.Predict(pixels));
            table.Add(
                options.Alpha is { } alpha ? $"{name} {alpha}, its own weights" : name, batch, speeds[0], speeds[1],
                speeds[2], speeds[1] / speeds[0], speeds[1] / speeds[2], first, difference, speeds[3], differenceOfChanged);

            string Difference(IBackbone other)
            {
                var share = features.Zip(other.Predict(pixels).Values.ToArray(), (a, b) => Math.Abs(a - b)).Max() / features.Max(Math.Abs);
                return share.ToString("0.0E+0", CultureInfo.InvariantCulture);
            }
        }
    }

    /// <summary>Returns the median images a second of each contestant.</summary>
    private static double[] InTurn(int batch, params Action[] contestants)
    {
        var speeds = contestants.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < contestants.Length; i++)
            {
                contestants[i]();
                speeds[i].Add(batch * Speed.RunsPerSecond(contestants[i], Turn, least: 1));
            }
        }
        return Array.ConvertAll(speeds, Speed.Median);
    }

    private static byte[] Pixels(ImageSize size, int batch)
    {
        var pictures = Photos.Samples
            .Select(p => RgbImage.Load(p).Resize(size.Width, size.Height, Interpolation.Bicubic).Pixels.ToArray()).ToArray();
        return [.. Enumerable.Range(0, batch).SelectMany(i => pictures[i % pictures.Length])];
    }

    private static void Append(SessionOptions session, string change)
    {
        using var cuda = new OrtCUDAProviderOptions();
        var options = new[] { Usual, change }.Select(o => o.Split('=')).GroupBy(o => o[0]).ToDictionary(o => o.Key, o => o.Last()[1]);
        cuda.UpdateOptions(options);
        session.AppendExecutionProvider_CUDA(cuda);
    }
}

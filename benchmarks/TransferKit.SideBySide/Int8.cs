using TransferKit.Backbones;

namespace TransferKit.SideBySide;

/// <summary>Compares int8 with floats: speed with random weights, in turn, and accuracy with real weights.</summary>
internal static class Int8
{
    public static void Speed(IEnumerable<string> names)
    {
        var table = new Table(
            "network", "batch", "int8, images/s", "floats, images/s", "int8 to floats, median of pairs",
            "plain ONNX Runtime with the exported int8 file, images/s", "int8 to plain, median of pairs",
            "plain ONNX Runtime's floats, images/s", "int8 to plain floats, median of pairs");
        foreach (var name in names)
        {
            var options =
                new BackboneOptions { IncludeTop = false, Pooling = Pooling.Avg, Weights = Weights.Random(1), CacheCompiledModel = false };
            using var floats = Backbone.Load(name, options);
            var quantized = options with { Precision = Precision.Int8, Calibration = Calibration.Of(Noise(floats.InputSize)) };
            using var int8 = Backbone.Load(name, quantized);
            var folder = Directory.CreateTempSubdirectory("transferkit-int8-").FullName;
            PlainModel.WriteCompiled(BackbonePlan.Of(name, quantized), Path.Combine(folder, "int8.onnx"));
            PlainModel.Write(BackbonePlan.Of(name, options), Path.Combine(folder, "floats.onnx"));
            using var plain = new PlainModel(Path.Combine(folder, "int8.onnx"));
            using var plainFloats = new PlainModel(Path.Combine(folder, "floats.onnx"));
            foreach (var batch in new[] { 1, 8, 32 })
            {
                var pixels = SideBySide.Speed.Noise(int8, batch);
                var (height, width) = (int8.InputSize.Height, int8.InputSize.Width);
                var planar = new float[pixels.Length];
                Preprocess.ToPlanar(pixels, planar, batch, height, width, int8.Preprocess);
                long[] shape = [batch, 3, height, width];
                void Predict() => int8.Predict(pixels);
                var (ours, theirs, ratio) = SideBySide.Speed.Compare(batch, Predict, () => floats.Predict(pixels));
                var (_, others, toPlain) = SideBySide.Speed.Compare(batch, Predict, () => plain.Run(planar, shape));
                var (_, plainly, toPlainFloats) = SideBySide.Speed.Compare(batch, Predict, () => plainFloats.Run(planar, shape));
                table.Add(name, batch, ours, theirs, ratio, others, toPlain, plainly, toPlainFloats);
            }
            Directory.Delete(folder, recursive: true);
        }
        table.Save(null);
    }

    /// <summary>Compares features and the accuracy of a linear head.</summary>
    /// <param name="pictures">The folder of pictures whose features are compared.</param>
    /// <param name="digits">The folder with <c>train</c> and <c>test</c>, each with a folder of pictures per class.</param>
    public static void Quality(string pictures, string digits)
    {
        Console.WriteLine(
            "MobileNetV2 of alpha 0.35, real weights. Calibrated with the pictures that are compared, and with those of train.");
        Console.WriteLine(
            "| calibration | mean cosine, pictures | least cosine | top-1 of a linear head on digits, floats | int8 | points lost |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        var bicubic = new ImageLoadOptions { Interpolation = Interpolation.Bicubic };
        foreach (var method in Enum.GetValues<CalibrationMethod>())
        {
            var calibration = Calibration.Folder(pictures) with { Method = method, Images = bicubic };
            using var floats = Load(224, null);
            using var int8 = Load(224, calibration);
            var report = PrecisionReport.Compare(floats, int8, pictures, bicubic);

            var train = Calibration.Folder(Path.Combine(digits, "train")) with { Method = method, Images = bicubic };
            var (before, after) = (Accuracy(null), Accuracy(train));
            Console.WriteLine($"| {method} | {report.MeanCosine:0.0000} | {report.LeastCosine:0.0000} "
                + $"| {before:P2} | {after:P2} | {100 * (before - after):0.00} |");
        }

        double Accuracy(Calibration? calibration)
        {
            using var backbone = Load(96, calibration);
            return LinearHead.Accuracy(backbone, bicubic, digits);
        }
    }

    private static IBackbone Load(int size, Calibration? calibration) => Backbone.Load("mobilenet_v2", new()
    {
        Alpha = 0.35,
        IncludeTop = false,
        Pooling = Pooling.Avg,
        InputSize = (size, size),
        Weights = MobileNetV2Weights.Alpha035NoTop,
        Precision = calibration is null ? Precision.Float32 : Precision.Int8,
        Calibration = calibration,
        CacheCompiledModel = false,
    });

    /// <summary>Returns pictures to calibrate networks with random weights.</summary>
    public static IEnumerable<RgbImage> Noise(ImageSize size)
    {
        var random = new Random(1);
        for (var i = 0; i < 4; i++)
        {
            var pixels = new byte[size.Height * size.Width * 3];
            random.NextBytes(pixels);
            yield return RgbImage.FromRgb24(size.Width, size.Height, pixels);
        }
    }
}

using TransferKit.Backbones;

namespace TransferKit.SideBySide;

/// <summary>
/// Measures smaller networks in place of a whole one: MobileNetV2's real weights with fewer blocks, fewer pixels and int8, each with a
/// linear head of its own on the digits. The speed is beside plain ONNX Runtime on the whole network in floats.
/// </summary>
internal static class Students
{
    private const int Batch = 32;
    private const int WholeSize = 96;
    private static readonly string?[] Cuts = [null, "block_9_add", "block_6_project_BN", "block_3_project_BN"];
    private static readonly int[] Sizes = [WholeSize, 64, 48];
    private static readonly ImageLoadOptions Images = new() { Interpolation = Interpolation.Bicubic };

    /// <param name="digits">The folder with <c>train</c> and <c>test</c>, each with a folder of pictures per class.</param>
    public static void Run(string digits)
    {
        var path = Path.Combine(Path.GetTempPath(), "students-plain.onnx");
        PlainModel.Write(BackbonePlan.Of("mobilenet_v2", Options(null, WholeSize, null)), path);
        using var plain = new PlainModel(path);
        var planar = new float[Batch * WholeSize * WholeSize * 3];
        var table = new Table("last layer", "input", "precision", "of ONNX Runtime's speed", "top-1", "points lost");
        var whole = Measure(null, WholeSize, Precision.Float32, 0);
        foreach (var cut in Cuts)
        {
            foreach (var size in Sizes)
                Measure(cut, size, Precision.Int8, whole);
        }
        table.Save(null);
        File.Delete(path);

        double Measure(string? cut, int size, Precision precision, double whole)
        {
            var calibration = precision == Precision.Int8
                ? Calibration.Folder(Path.Combine(digits, "train")) with { Images = Images }
                : null;
            using var student = Backbone.Load("mobilenet_v2", Options(cut, size, calibration));
            var pixels = Speed.Noise(student, Batch);
            var (_, _, ratio) = Speed.Compare(
                Batch, () => student.Predict(pixels), () => plain.Run(planar, [Batch, 3, WholeSize, WholeSize]));
            var accuracy = LinearHead.Accuracy(student, Images, digits);
            table.Add(cut ?? "all", size, precision, ratio, $"{accuracy:P2}", whole > 0 ? 100 * (whole - accuracy) : "");
            return accuracy;
        }
    }

    private static BackboneOptions Options(string? cut, int size, Calibration? calibration) => new()
    {
        Alpha = 0.35,
        IncludeTop = false,
        Pooling = cut is null ? Pooling.Avg : Pooling.None,
        InputSize = (size, size),
        Layers = cut is null ? [] : [cut],
        Weights = MobileNetV2Weights.Alpha035NoTop,
        Precision = calibration is null ? Precision.Float32 : Precision.Int8,
        Calibration = calibration,
        CacheCompiledModel = false,
    };
}

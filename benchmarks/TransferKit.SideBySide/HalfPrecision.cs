using System.Globalization;
using System.Numerics.Tensors;

namespace TransferKit.SideBySide;

/// <summary>
/// Compares <see cref="Precision.Float16"/> with floats, on random weights: the exported files, and what comes out before the softmax.
/// </summary>
internal static class HalfPrecision
{
    public static void Run(IEnumerable<string> names)
    {
        var table = new Table("network, with top", "exported in 16 bits, MB", "in floats, MB", "cosine to floats");
        foreach (var name in names)
            table.Add(name, Exported(name, Precision.Float16) / 1e6, Exported(name, Precision.Float32) / 1e6, Cosine(name));
    }

    private static long Exported(string name, Precision precision)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("transferkit-half-").FullName, "exported.onnx");
        Backbone.ExportOnnx(name, path, Random(precision));
        var bytes = new FileInfo(path).Length;
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        return bytes;
    }

    private static string Cosine(string name)
    {
        using var halves = Backbone.Load(name, Random(Precision.Float16));
        using var floats = Backbone.Load(name, Random(Precision.Float32));
        var pixels = SideBySide.Speed.Noise(halves, 1);
        return TensorPrimitives.CosineSimilarity(Numbers(halves), Numbers(floats)).ToString("0.00000000", CultureInfo.InvariantCulture);

        double[] Numbers(IBackbone backbone) => Array.ConvertAll(backbone.Predict(pixels).ToArray(), v => (double)v);
    }

    private static BackboneOptions Random(Precision precision) => new()
    {
        Weights = Weights.Random(1),
        ClassifierActivation = ClassifierActivation.None,
        CacheCompiledModel = false,
        Precision = precision,
    };
}

using System.Numerics.Tensors;
using TransferKit.Engine;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.Quantization;

/// <summary>
/// Measures the loss of the features in int8 and selects layers to compute in floats. It restores each stretch of layers to floats
/// alone, and then combines the most effective ones until the features are similar enough.
/// </summary>
internal static class Sensitivity
{
    private const int MostStretches = 24;
    private const int ImagesToCompare = 16;

    public static Int8Recipe Restore(
        OnnxModel model, IWeightSource weights, Int8Recipe recipe, ImageBatch images, double minimumCosine, Action<double> progress,
        CancellationToken cancellation)
    {
        if (minimumCosine == 0)
            return recipe;
        images = images.Take(ImagesToCompare);
        var expected = Run(model);
        var best = CosineOf(recipe);
        if (best >= minimumCosine)
            return recipe;

        var stretches = Stretches(Int8Plan.Of(model, new HashSet<string>()));
        var gains = new List<(string[] Nodes, double Cosine)>();
        foreach (var stretch in stretches)
        {
            gains.Add((stretch, CosineOf(recipe with { Floats = [.. stretch] })));
            progress(gains.Count / (stretches.Length + 1.0));
        }
        // At most half of the layers are restored, because beyond that a float model is the better choice.
        foreach (var (nodes, _) in gains.OrderByDescending(g => g.Cosine).Take(stretches.Length / 2))
        {
            var candidate = recipe with { Floats = [.. recipe.Floats, .. nodes] };
            var cosine = CosineOf(candidate);
            if (cosine > best)
                (recipe, best) = (candidate, cosine);
            if (best >= minimumCosine)
                break;
        }
        return recipe;

        double CosineOf(Int8Recipe candidate) => Cosine(expected, Run(candidate.Apply(model)), images.Count);

        float[][] Run(OnnxModel candidate)
        {
            using var engine = OnnxEngine.Load(candidate, weights, cancellation: cancellation);
            return engine.Run(images, cancellation);
        }
    }

    /// <summary>Computes for each image the smallest similarity of its outputs, and returns the mean over the images.</summary>
    public static double Cosine(float[][] expected, float[][] found, int images)
    {
        var sum = 0.0;
        for (var i = 0; i < images; i++)
            sum += expected.Zip(found, (e, f) => Similarity(Part(e, i), Part(f, i))).Min();
        return sum / images;

        ReadOnlySpan<float> Part(float[] values, int image) => values.AsSpan(image * (values.Length / images), values.Length / images);
    }

    private static double Similarity(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var (normA, normB) = (TensorPrimitives.Norm(a), TensorPrimitives.Norm(b));
        return normA == 0 || normB == 0 ? (normA == normB ? 1 : 0) : TensorPrimitives.Dot(a, b) / ((double)normA * normB);
    }

    private static string[][] Stretches(Int8Plan plan)
    {
        string[] linear = [.. plan.Nodes.Where(n => plan.RoleOf(n) == Int8Role.Linear).Select(n => n.Name)];
        var length = (linear.Length + MostStretches - 1) / MostStretches;
        return [.. linear.Chunk(length)];
    }
}

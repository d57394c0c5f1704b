using System.Numerics.Tensors;
using Microsoft.Extensions.VectorData;

namespace VectorStores;

/// <summary>Compares vectors.</summary>
internal static class Similarity
{
    /// <summary>Returns whether a larger number means that vectors are more alike.</summary>
    public static bool IsLargerBetter(string? function) =>
        function is null or DistanceFunction.CosineSimilarity or DistanceFunction.DotProductSimilarity;

    public static double Of(string? function, ReadOnlySpan<float> x, ReadOnlySpan<float> y) => function switch
    {
        null or DistanceFunction.CosineSimilarity => TensorPrimitives.CosineSimilarity(x, y),
        DistanceFunction.CosineDistance => 1 - TensorPrimitives.CosineSimilarity(x, y),
        DistanceFunction.DotProductSimilarity => TensorPrimitives.Dot(x, y),
        DistanceFunction.NegativeDotProductSimilarity => -TensorPrimitives.Dot(x, y),
        DistanceFunction.EuclideanDistance => TensorPrimitives.Distance(x, y),
        DistanceFunction.EuclideanSquaredDistance => Math.Pow(TensorPrimitives.Distance(x, y), 2),
        DistanceFunction.HammingDistance => TensorPrimitives.HammingDistance(x, y),
        DistanceFunction.ManhattanDistance => Manhattan(x, y),
        _ => throw new NotSupportedException($"The distance function {function} is not one of these stores."),
    };

    private static float Manhattan(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var differences = new float[x.Length];
        TensorPrimitives.Subtract(x, y, differences);
        return TensorPrimitives.SumOfMagnitudes(differences);
    }
}

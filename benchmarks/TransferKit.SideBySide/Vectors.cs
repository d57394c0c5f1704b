using System.Numerics.Tensors;

namespace TransferKit.SideBySide;

/// <summary>Draws vectors that resemble pooled features: not negative, correlated, and of classes that overlap.</summary>
internal static class Vectors
{
    private const int Latent = 64;
    private const int PartRows = 8192;

    /// <summary>Draws vectors, one after another.</summary>
    /// <param name="count">The number of vectors.</param>
    /// <param name="dimensions">The length of each.</param>
    /// <param name="classes">The number of classes; vector i has the class i modulo this number.</param>
    /// <param name="seed">The seed.</param>
    public static float[] Draw(int count, int dimensions, int classes, int seed)
    {
        var vectors = new float[(long)count * dimensions];
        foreach (var (at, part) in Parts(count, dimensions, classes, seed))
            part.CopyTo(vectors, at * dimensions);
        return vectors;
    }

    /// <summary>Draws the same vectors in parts, each with the index of its first vector.</summary>
    public static IEnumerable<(int At, float[] Vectors)> Parts(int count, int dimensions, int classes, int seed)
    {
        var random = new Random(seed);
        var (centres, mixing) = (Normal(random, classes * Latent), Normal(random, Latent * dimensions));
        var seeds = Enumerable.Range(0, count).Select(_ => random.Next()).ToArray();
        for (var first = 0; first < count; first += PartRows)
            yield return (first, Part(first, Math.Min(PartRows, count - first)));

        float[] Part(int first, int length)
        {
            var part = new float[length * dimensions];
            Parallel.For(first, first + length, i => Draw(i, part.AsSpan((i - first) * dimensions, dimensions)));
            return part;
        }

        void Draw(int i, Span<float> vector)
        {
            var own = new Random(seeds[i]);
            var latent = Normal(own, Latent);
            TensorPrimitives.MultiplyAdd(centres.AsSpan(i % classes * Latent, Latent), 0.45f, latent, latent);
            for (var l = 0; l < Latent; l++)
                TensorPrimitives.MultiplyAdd(mixing.AsSpan(l * dimensions, dimensions), latent[l] / 16, vector, vector);
            for (var d = 0; d < dimensions; d++)
                vector[d] += own.NextSingle() / 4;
            TensorPrimitives.Max(vector, 0, vector);
        }
    }

    private static float[] Normal(Random random, int count)
    {
        var numbers = new float[count];
        for (var i = 0; i < count; i++)
            numbers[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return numbers;
    }
}

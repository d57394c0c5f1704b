using System.Numerics.Tensors;
using TransferKit.Analysis.Linear;
using TransferKit.Common;

namespace TransferKit.Analysis.Similarity;

/// <summary>
/// Represents vectors of length 1 by random projections, which keep distances: the square of one has an error of about a sixth. So the
/// nearest of thousands of rows are found among a few dozen without their floats.
/// </summary>
internal sealed class Sketches
{
    /// <summary>The number of projections.</summary>
    public const int Width = 64;

    private const int BlockRows = 256;

    private readonly float[] _numbers;

    private Sketches(float[] numbers, float[] lengths) => (_numbers, Lengths) = (numbers, lengths);

    /// <summary>Gets the length of each vector before it became 1.</summary>
    public float[] Lengths { get; }

    public int Count => Lengths.Length;

    public Span<float> this[int row] => _numbers.AsSpan(row * Width, Width);

    /// <summary>Gets all sketches, one after another.</summary>
    public Span<float> Numbers => _numbers;

    /// <param name="features">The vectors.</param>
    /// <param name="cancellationToken">Token to cancel the computation.</param>
    public static Sketches Of(FeatureTable features, CancellationToken cancellationToken)
    {
        var dimensions = features.Dimensions;
        if ((long)features.Count * Width > Array.MaxLength)
        {
            throw new ArgumentException(
                $"{features} exceed {Array.MaxLength / Width:N0} rows, the limit of a comparison.", nameof(features));
        }
        var projection = Projection(dimensions);
        var (numbers, lengths) = (new float[features.Count * Width], new float[features.Count]);
        Blocks.Run(0, features.Count, BlockRows, (from, to) =>
        {
            using var rows = new Scratch<float>((to - from) * dimensions);
            for (var row = from; row < to; row++)
            {
                lengths[row] = TensorPrimitives.Norm(features[row]);
                if (lengths[row] > 0)
                    TensorPrimitives.Divide(features[row], lengths[row], rows.Span.Slice((row - from) * dimensions, dimensions));
            }
            Product<float>.Add(
                new(rows.Span, dimensions), new(projection, Width), new(numbers.AsSpan(from * Width), Width), to - from, dimensions, Width);
        }, cancellationToken);
        return new(numbers, lengths);
    }

    /// <summary>Returns the cosine of two rows from their floats; 0 if one has no direction.</summary>
    public float Cosine(FeatureTable features, int a, int b) => Lengths[a] == 0 || Lengths[b] == 0
        ? 0
        : Math.Clamp(TensorPrimitives.Dot(features[a], features[b]) / (Lengths[a] * Lengths[b]), -1, 1);

    // Signs alone keep distances as well as normal numbers do.
    private static float[] Projection(int dimensions)
    {
        var random = new CounterRandom(0, "sketches");
        var projection = new float[dimensions * Width];
        var size = 1 / MathF.Sqrt(Width);
        for (var i = 0; i < projection.Length; i++)
            projection[i] = (random.At(i) & 1) == 0 ? size : -size;
        return projection;
    }
}

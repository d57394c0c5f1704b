using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>
/// A place for one weight array of a layer, in Keras' own layout: kernels are height, width, in, out, and a layer's
/// slots stand in the order of Keras' files, trainable first.
/// </summary>
internal sealed record WeightSlot(string Kind, ImmutableArray<int> Shape, Initializer Initializer, bool Trainable = true)
{
    /// <summary>
    /// Whether it multiplies its input at each place: <c>kernel</c>, <c>depthwise_kernel</c>, <c>pointwise_kernel</c>.
    /// </summary>
    public bool IsKernel => Kind.EndsWith("kernel", StringComparison.Ordinal);

    public long Count { get; } = Shape.Aggregate(1L, (product, d) => product * d);

    /// <summary>As numpy prints it: <c>(3, 3, 64, 128)</c>.</summary>
    public string ShapeText => Describe(Shape);

    public static string Describe(IEnumerable<int> shape)
    {
        var dimensions = shape.ToArray();
        return dimensions.Length == 1 ? $"({dimensions[0]},)" : $"({string.Join(", ", dimensions)})";
    }
}

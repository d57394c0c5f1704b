using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>
/// Represents one weight array of a layer in Keras' layout. Kernels are (height, width, in, out). A layer's slots have the order of Keras'
/// files, trainable ones first.
/// </summary>
internal sealed record WeightSlot(string Kind, ImmutableArray<int> Shape, Initializer Initializer, bool Trainable = true)
{
    /// <summary>
    /// Gets whether the weight is a kernel, which multiplies the input at each position: <c>kernel</c>, <c>depthwise_kernel</c>,
    /// <c>pointwise_kernel</c>.
    /// </summary>
    public bool IsKernel => Kind.EndsWith("kernel", StringComparison.Ordinal);

    public long Count { get; } = Product(Shape);

    /// <summary>Gets the shape as numpy prints it: <c>(3, 3, 64, 128)</c>.</summary>
    public string ShapeText => Describe(Shape);

    private static long Product(ImmutableArray<int> shape)
    {
        var product = 1L;
        foreach (var d in shape)
            product = checked(product * d);
        return product;
    }

    public static string Describe(IEnumerable<int> shape)
    {
        var dimensions = shape.ToArray();
        return dimensions.Length == 1 ? $"({dimensions[0]},)" : $"({string.Join(", ", dimensions)})";
    }
}

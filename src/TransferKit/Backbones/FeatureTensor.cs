namespace TransferKit;

/// <summary>
/// What a backbone computed: a batch of vectors <c>(n, channels)</c> or maps <c>(n, h, w, channels)</c>, row-major with
/// the channel last, as Keras returns it.
/// </summary>
public sealed class FeatureTensor
{
    private readonly int[] _shape;
    private readonly float[] _values;
    private readonly int _rowLength;

    /// <summary>Wraps values, which are not copied.</summary>
    /// <param name="shape">All dimensions, the batch first.</param>
    /// <param name="values">Row-major values, as many as the shape's product.</param>
    /// <exception cref="ArgumentException">The shape has no dimension, or not as many places as there are values.</exception>
    public FeatureTensor(IReadOnlyList<int> shape, float[] values)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(values);
        var count = shape.Aggregate(1L, (product, d) => product * d);
        if (shape.Count == 0 || count != values.Length)
            throw new ArgumentException($"The shape ({string.Join(", ", shape)}) has {count} places, but there are {values.Length} values.", nameof(values));
        (_shape, _values) = ([.. shape], values);
        _rowLength = _shape[0] == 0 ? 0 : values.Length / _shape[0];
    }

    /// <summary>All dimensions, the batch first: <c>(n, channels)</c> or <c>(n, h, w, channels)</c>.</summary>
    public IReadOnlyList<int> Shape => _shape;

    /// <summary>How many samples the batch holds.</summary>
    public int Count => _shape[0];

    /// <summary>All values, row-major.</summary>
    public ReadOnlyMemory<float> Values => _values;

    /// <summary>The values of one sample.</summary>
    /// <param name="sample">Its place in the batch, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch has no such sample.</exception>
    public ReadOnlySpan<float> this[int sample] => Row(sample).Span;

    /// <summary>The values of one sample, without a copy.</summary>
    /// <param name="sample">Its place in the batch, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch has no such sample.</exception>
    public ReadOnlyMemory<float> Row(int sample)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sample);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sample, Count);
        return _values.AsMemory(sample * _rowLength, _rowLength);
    }

    /// <summary>All values as a new array, row-major.</summary>
    public float[] ToArray() => [.. _values];

    /// <summary>The shape: <c>FeatureTensor (1, 7, 7, 512)</c>.</summary>
    public override string ToString() => $"FeatureTensor ({string.Join(", ", _shape)})";
}

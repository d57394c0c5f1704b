namespace TransferKit;

/// <summary>
/// Represents an output of a backbone: a batch of vectors <c>(n, channels)</c> or maps <c>(n, h, w, channels)</c>. It is row-major
/// with the channel last, as in Keras.
/// </summary>
public sealed class FeatureTensor
{
    private readonly int[] _shape;
    private readonly float[] _values;
    private readonly int _rowLength;

    /// <summary>Initializes a tensor on values, which are not copied.</summary>
    /// <param name="shape">The dimensions, with the batch first.</param>
    /// <param name="values">The row-major values. Their number is the product of the dimensions.</param>
    /// <exception cref="ArgumentException">The shape has no dimension, or does not match the number of values.</exception>
    public FeatureTensor(IReadOnlyList<int> shape, float[] values)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(values);
        var count = 1L;
        for (var i = 0; i < shape.Count; i++)
            count *= shape[i];
        if (shape.Count == 0 || count != values.Length)
        {
            throw new ArgumentException(
                $"The shape ({string.Join(", ", shape)}) has {count} elements, but there are {values.Length} values.", nameof(values));
        }
        (_shape, _values) = ([.. shape], values);
        _rowLength = _shape[0] == 0 ? 0 : values.Length / _shape[0];
    }

    /// <summary>Gets the dimensions, with the batch first: <c>(n, channels)</c> or <c>(n, h, w, channels)</c>.</summary>
    public IReadOnlyList<int> Shape => _shape;

    /// <summary>Gets the number of samples in the batch.</summary>
    public int Count => _shape[0];

    /// <summary>Gets all values, row-major.</summary>
    public ReadOnlyMemory<float> Values => _values;

    /// <summary>Gets the values of one sample.</summary>
    /// <param name="sample">The index of the sample in the batch, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch has no such sample.</exception>
    public ReadOnlySpan<float> this[int sample] => Row(sample).Span;

    /// <summary>Gets the values of one sample without copying them.</summary>
    /// <param name="sample">The index of the sample in the batch, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch has no such sample.</exception>
    public ReadOnlyMemory<float> Row(int sample)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sample);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sample, Count);
        return _values.AsMemory(sample * _rowLength, _rowLength);
    }

    /// <summary>Copies all values to a new array, row-major.</summary>
    public float[] ToArray() => [.. _values];

    /// <summary>Returns the shape: <c>FeatureTensor (1, 7, 7, 512)</c>.</summary>
    public override string ToString() => $"FeatureTensor ({string.Join(", ", _shape)})";
}

using System.Numerics;
using System.Numerics.Tensors;

namespace TransferKit.Analysis.Linear;

/// <summary>
/// Represents feature vectors minus their mean. Blocks of rows are converted as they are read, so no second copy of the features exists.
/// </summary>
internal sealed class CentredRows
{
    private readonly ReadOnlyMemory<float> _numbers;

    /// <param name="numbers">The vectors, one after another.</param>
    /// <param name="dimensions">The length of a vector.</param>
    public CentredRows(ReadOnlyMemory<float> numbers, int dimensions)
    {
        (_numbers, Dimensions, Count) = (numbers, dimensions, numbers.Length / dimensions);
        Mean = new double[dimensions];
        var row = new double[dimensions];
        for (var i = 0; i < Count; i++)
        {
            TensorPrimitives.ConvertTruncating(this[i], row);
            TensorPrimitives.Add(Mean, row, Mean);
        }
        TensorPrimitives.Divide(Mean, Count, Mean);
    }

    public int Count { get; }

    public int Dimensions { get; }

    public double[] Mean { get; }

    /// <summary>Gets a vector as it is, with its mean.</summary>
    public ReadOnlySpan<float> this[int row] => _numbers.Span.Slice(row * Dimensions, Dimensions);

    /// <summary>Writes a row minus the mean.</summary>
    /// <param name="row">The index of the row.</param>
    /// <param name="mean"><see cref="Mean"/> in the type of the numbers.</param>
    /// <param name="destination">As many numbers as there are dimensions.</param>
    public void Read<T>(int row, ReadOnlySpan<T> mean, Span<T> destination)
        where T : unmanaged, INumberBase<T>
    {
        TensorPrimitives.ConvertTruncating(this[row], destination);
        TensorPrimitives.Subtract(destination, mean, destination);
    }

    public T[] MeanAs<T>()
        where T : unmanaged, INumberBase<T>
    {
        var mean = new T[Dimensions];
        TensorPrimitives.ConvertTruncating<double, T>(Mean, mean);
        return mean;
    }
}

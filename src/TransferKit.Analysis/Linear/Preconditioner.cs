using System.Numerics;
using System.Numerics.Tensors;

namespace TransferKit.Analysis.Linear;

/// <summary>
/// Approximates the inverse Hessian of a softmax regression by one matrix for all classes: the features' covariance times the mean
/// curvature, plus the penalty. With it, the steps of L-BFGS do not depend on how the features are correlated.
/// </summary>
internal sealed class Preconditioner
{
    // More rows, or a larger matrix, cost more time than their better steps save.
    private const int MostRows = 4096;
    private const int MostSize = 4096;
    private const int Block = 64;

    private readonly int _dimensions;
    private readonly bool _isDual;
    private readonly int _stride;
    private readonly float[] _rows;
    private readonly float[] _gram;
    private Cholesky? _factor;
    private double _curvature;
    private double _penalty;

    /// <param name="rows">The features, of which evenly spaced rows are taken.</param>
    /// <param name="cancellationToken">Token to cancel the computation.</param>
    public Preconditioner(CentredRows rows, CancellationToken cancellationToken)
    {
        _dimensions = rows.Dimensions;
        var count = Math.Min(rows.Count, MostRows);
        // Of the two products of the features with themselves, rows by rows and columns by columns, the smaller one does.
        _isDual = count < _dimensions;
        var size = _isDual ? count : _dimensions;
        if (size > MostSize)
        {
            (_rows, _gram) = ([], []);
            return;
        }
        _stride = (size + Block - 1) / Block * Block;
        var (width, mean) = (Product<float>.Padded(_dimensions), rows.MeanAs<float>());
        _rows = new float[count * width];
        for (var i = 0; i < count; i++)
            rows.Read<float>((int)((long)i * rows.Count / count), mean, _rows.AsSpan(i * width, _dimensions));
        // Division by the number of rows makes the product a covariance.
        TensorPrimitives.Multiply(_rows, 1 / MathF.Sqrt(count), _rows);
        _gram = Gram(_rows, width, count, size, cancellationToken);
    }

    /// <summary>Prepares for a penalty.</summary>
    /// <param name="curvature">The mean curvature of the loss by a score.</param>
    /// <param name="penalty">The penalty of squared coefficients.</param>
    public void Factor(double curvature, double penalty)
    {
        (_curvature, _penalty) = (curvature, penalty);
        if (_gram.Length == 0)
            return;
        var matrix = (float[])_gram.Clone();
        var size = _isDual ? _rows.Length / Product<float>.Padded(_dimensions) : _dimensions;
        TensorPrimitives.Multiply(matrix, (float)curvature, matrix);
        var trace = 0.0;
        for (var i = 0; i < size; i++)
            trace += matrix[i * _stride + i];
        // Floats cannot factor a matrix whose diagonal is smaller than their rounding.
        var diagonal = (float)(penalty + 1e-6 * trace / size);
        for (var i = 0; i < size; i++)
            matrix[i * _stride + i] += diagonal;
        _penalty = diagonal;
        _factor = Cholesky.Factor(matrix, size, _stride);
    }

    /// <summary>Multiplies gradients by the approximation.</summary>
    /// <param name="gradients">Matrices of a row for each feature and one for the intercepts.</param>
    /// <param name="results">The products, in the same shapes.</param>
    /// <param name="outputs">The number of columns of each matrix.</param>
    public void Apply<T>(IReadOnlyList<T[]> gradients, IReadOnlyList<T[]> results, int outputs)
        where T : unmanaged, INumberBase<T>
    {
        var columns = Product<float>.Padded(gradients.Count * outputs);
        var b = new float[_dimensions * columns];
        for (var g = 0; g < gradients.Count; g++)
        {
            for (var d = 0; d < _dimensions; d++)
            {
                var place = b.AsSpan(d * columns + g * outputs, outputs);
                TensorPrimitives.ConvertTruncating<T, float>(gradients[g].AsSpan(d * outputs, outputs), place);
            }
        }
        if (_factor is null)
            TensorPrimitives.Divide(b, (float)(_curvature + _penalty), b);
        else if (_isDual)
            SolveDual(_factor, b, columns);
        else
            _factor.Solve(b, columns);

        for (var g = 0; g < gradients.Count; g++)
        {
            for (var d = 0; d < _dimensions; d++)
            {
                var place = results[g].AsSpan(d * outputs, outputs);
                TensorPrimitives.ConvertTruncating<float, T>(b.AsSpan(d * columns + g * outputs, outputs), place);
            }
            var intercepts = _dimensions * outputs;
            TensorPrimitives.Divide(gradients[g].AsSpan(intercepts), T.CreateChecked(_curvature), results[g].AsSpan(intercepts));
        }
    }

    // Woodbury: (pI + cXᵀX)⁻¹ = (I − cXᵀ(pI + cXXᵀ)⁻¹X) / p.
    private void SolveDual(Cholesky factor, float[] b, int columns)
    {
        var width = Product<float>.Padded(_dimensions);
        var projected = new float[factor.Size * columns];
        Product<float>.Add(new(_rows, width), new(b, columns), new(projected, columns), factor.Size, _dimensions, columns);
        factor.Solve(projected, columns);
        TensorPrimitives.Multiply(projected, -(float)_curvature, projected);
        Product<float>.Add(
            new Strided<float>(_rows, width).Transposed, new(projected, columns), new(b, columns), _dimensions, factor.Size, columns);
        TensorPrimitives.Divide(b, (float)_penalty, b);
    }

    private float[] Gram(float[] rows, int width, int count, int size, CancellationToken cancellationToken)
    {
        var gram = new float[size * _stride];
        if (_isDual)
        {
            Blocks.Run(0, size, 4, (from, to) =>
            {
                for (var i = from; i < to; i++)
                {
                    for (var j = 0; j <= i; j++)
                        gram[i * _stride + j] = TensorPrimitives.Dot<float>(rows.AsSpan(i * width, width), rows.AsSpan(j * width, width));
                }
            }, cancellationToken);
            return gram;
        }
        // Only the lower triangle is read, so a block of rows needs the columns up to its own end.
        Blocks.Run(0, size, Block, (from, to) => Product<float>.Add(
            new Strided<float>(rows.AsSpan(from), width).Transposed, new(rows, width), new(gram.AsSpan(from * _stride), _stride),
            to - from, count, Product<float>.Padded(to)), cancellationToken);
        return gram;
    }
}

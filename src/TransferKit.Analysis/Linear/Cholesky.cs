using System.Numerics.Tensors;

namespace TransferKit.Analysis.Linear;

/// <summary>Factors a symmetric positive definite matrix as <c>L Lᵀ</c> in place, and solves with the factor.</summary>
internal sealed class Cholesky
{
    private const int Block = 64;

    private readonly float[] _factor;
    private readonly int _stride;

    private Cholesky(float[] factor, int size, int stride) => (_factor, Size, _stride) = (factor, size, stride);

    public int Size { get; }

    /// <summary>Factors a matrix, of which the lower triangle is read. The factor replaces it.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="size">The number of its rows.</param>
    /// <param name="stride">The distance of its rows.</param>
    public static Cholesky Factor(float[] matrix, int size, int stride)
    {
        var factor = new Cholesky(matrix, size, stride);
        for (var first = 0; first < size; first += Block)
        {
            var width = Math.Min(Block, size - first);
            factor.SubtractEarlier(first, width);
            factor.FactorDiagonal(first, width);
            Blocks.Run(first + width, size, Block, (from, to) => factor.SolvePanel(first, width, from, to));
        }
        return factor;
    }

    /// <summary>Replaces the columns of a matrix by the solutions.</summary>
    /// <param name="b">The right-hand sides, <see cref="Size"/> rows.</param>
    /// <param name="columns">The number of right-hand sides, padded, which is also the distance of rows.</param>
    public void Solve(float[] b, int columns)
    {
        // Each pass leaves its result negated, which makes subtractions of products into additions. Two passes restore the sign.
        for (var first = 0; first < Size; first += Block)
        {
            var width = Math.Min(Block, Size - first);
            Product<float>.Add(
                new(_factor.AsSpan(first * _stride), _stride), new(b, columns), new(b.AsSpan(first * columns), columns),
                width, first, columns);
            for (var i = first; i < first + width; i++)
            {
                for (var j = first; j < i; j++)
                    AddRow(b, columns, to: i, from: j, _factor[i * _stride + j]);
                NegateQuotient(b, columns, i);
            }
        }
        for (var first = (Size - 1) / Block * Block; first >= 0; first -= Block)
        {
            var (width, rest) = (Math.Min(Block, Size - first), first + Math.Min(Block, Size - first));
            var below = new Strided<float>(_factor.AsSpan(Math.Min(rest, Size - 1) * _stride + first), _stride);
            Product<float>.Add(
                below.Transposed, new(b.AsSpan(rest * columns), columns), new(b.AsSpan(first * columns), columns),
                width, Size - rest, columns);
            for (var i = first + width - 1; i >= first; i--)
            {
                for (var j = i + 1; j < first + width; j++)
                    AddRow(b, columns, to: i, from: j, _factor[j * _stride + i]);
                NegateQuotient(b, columns, i);
            }
        }
    }

    private static void AddRow(float[] b, int columns, int to, int from, float factor)
    {
        var target = b.AsSpan(to * columns, columns);
        TensorPrimitives.MultiplyAdd(b.AsSpan(from * columns, columns), factor, target, target);
    }

    private void NegateQuotient(float[] b, int columns, int row)
    {
        var target = b.AsSpan(row * columns, columns);
        TensorPrimitives.Divide(target, -_factor[row * _stride + row], target);
    }

    private void SubtractEarlier(int first, int width)
    {
        var padded = Product<float>.Padded(width);
        var negated = new float[first * padded];
        for (var i = 0; i < width; i++)
        {
            for (var k = 0; k < first; k++)
                negated[k * padded + i] = -_factor[(first + i) * _stride + k];
        }
        Blocks.Run(first, Size, Block, (from, to) => Product<float>.Add(
            new(_factor.AsSpan(from * _stride), _stride), new(negated, padded), new(_factor.AsSpan(from * _stride + first), _stride),
            to - from, first, padded));
    }

    private void FactorDiagonal(int first, int width)
    {
        for (var j = first; j < first + width; j++)
        {
            var row = Row(j, first, j - first);
            // Rounding can make a pivot of a nearly singular matrix vanish.
            var pivot = MathF.Sqrt(Math.Max(_factor[j * _stride + j] - TensorPrimitives.SumOfSquares(row), 1e-30f));
            _factor[j * _stride + j] = pivot;
            for (var i = j + 1; i < first + width; i++)
            {
                _factor[i * _stride + j] =
                    (_factor[i * _stride + j] - TensorPrimitives.Dot(Row(i, first, j - first), row)) / pivot;
            }
        }
    }

    private void SolvePanel(int first, int width, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            for (var j = first; j < first + width; j++)
            {
                var dot = j == first ? 0 : TensorPrimitives.Dot(Row(i, first, j - first), Row(j, first, j - first));
                _factor[i * _stride + j] = (_factor[i * _stride + j] - dot) / _factor[j * _stride + j];
            }
        }
    }

    private ReadOnlySpan<float> Row(int row, int first, int length) => _factor.AsSpan(row * _stride + first, length);
}

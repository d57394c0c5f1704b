using System.Numerics.Tensors;
using TransferKit.Analysis.Linear;
using TransferKit.Common;

namespace TransferKit.Analysis.Maps;

/// <summary>
/// Represents the coordinates of vectors along their first two principal components. A block of directions is multiplied by the covariance
/// until two of them no longer turn, so the covariance itself is never in memory.
/// </summary>
internal sealed class PrincipalComponents
{
    private const int Components = 2;
    private const int Width = 16;
    private const int MostPasses = 300;
    private const double Tolerance = 1e-8;
    private const int RowsAtOnce = 64;
    private const int Parts = 16;

    private readonly CentredRows _rows;

    private PrincipalComponents(FeatureTable features, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        _rows = new(features.Numbers, features.Dimensions);
        var (directions, random) = (new double[_rows.Dimensions * Width], new CounterRandom(0, "principal components"));
        for (var i = 0; i < directions.Length; i++)
            directions[i] = Math.ScaleB(random.At(i) >> 11, -52) - 1;
        for (var pass = 1; ; pass++)
        {
            Orthonormalise(directions);
            var product = Multiply(directions, cancellationToken);
            var (values, turn) = SymmetricEigen.Solve(InnerProducts(directions, product));
            var (turned, image) = (Times(directions, turn), Times(product, turn));
            var residual = Enumerable.Range(0, Components).Max(c => Residual(turned, image, values[c], c));
            if (pass == MostPasses || residual <= Tolerance * values[0])
            {
                (Coordinates, Shares) = Project(turned, values, cancellationToken);
                return;
            }
            progress?.Report(1 - Math.Pow(0.9, pass));
            directions = image;
        }
    }

    /// <summary>Gets the coordinates of the rows along the first component and along the second.</summary>
    public double[][] Coordinates { get; }

    /// <summary>Gets the share of the variance, 0..1, along the first component and along the second.</summary>
    public double[] Shares { get; }

    public static PrincipalComponents Of(FeatureTable features, IProgress<double>? progress, CancellationToken cancellationToken) =>
        new(features, progress, cancellationToken);

    // Sums of parts are added in their order, so the result does not depend on the number of cores.
    private double[] Multiply(double[] directions, CancellationToken cancellationToken)
    {
        var dimensions = _rows.Dimensions;
        var sums = new double[Parts][];
        var size = (_rows.Count + Parts - 1) / Parts;
        Blocks.Run(0, _rows.Count, size, (from, to) =>
        {
            var (sum, rows, scores) = (new double[directions.Length], new double[RowsAtOnce * dimensions], new double[RowsAtOnce * Width]);
            for (var first = from; first < to; first += RowsAtOnce)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var count = Math.Min(RowsAtOnce, to - first);
                for (var i = 0; i < count; i++)
                    _rows.Read<double>(first + i, _rows.Mean, rows.AsSpan(i * dimensions, dimensions));
                Array.Clear(scores);
                var block = new Strided<double>(rows, dimensions);
                Product<double>.Add(block, new(directions, Width), new(scores, Width), count, dimensions, Width);
                Product<double>.Add(block.Transposed, new(scores, Width), new(sum, Width), dimensions, count, Width);
            }
            sums[from / size] = sum;
        }, cancellationToken);
        foreach (var other in sums.Skip(1).Where(s => s is not null))
            TensorPrimitives.Add(sums[0], other, sums[0]);
        return sums[0];
    }

    private (double[][] Coordinates, double[] Shares) Project(double[] directions, double[] values, CancellationToken cancellationToken)
    {
        double[][] coordinates = [new double[_rows.Count], new double[_rows.Count]];
        var axes = coordinates.Select((_, c) => Column(directions, c)).ToArray();
        var squares = new double[_rows.Count];
        Blocks.Run(0, _rows.Count, RowsAtOnce, (from, to) =>
        {
            var row = new double[_rows.Dimensions];
            for (var i = from; i < to; i++)
            {
                _rows.Read<double>(i, _rows.Mean, row);
                squares[i] = TensorPrimitives.SumOfSquares<double>(row);
                for (var c = 0; c < Components; c++)
                    coordinates[c][i] = TensorPrimitives.Dot<double>(row, axes[c]);
            }
        }, cancellationToken);
        // A component has no sign of its own. The coordinate farthest from zero is positive, as in scikit-learn.
        foreach (var component in coordinates.Where(c => c[TensorPrimitives.IndexOfMaxMagnitude<double>(c)] < 0))
            TensorPrimitives.Negate(component, component);
        var total = squares.Sum();
        return (coordinates, [.. Enumerable.Range(0, Components).Select(c => total > 0 ? Math.Clamp(values[c] / total, 0, 1) : 0)]);
    }

    // Subtracting twice removes what rounding left of the earlier directions. Directions beyond the rank become zero.
    private static void Orthonormalise(double[] directions)
    {
        var columns = Enumerable.Range(0, Width).Select(c => Column(directions, c)).ToArray();
        for (var c = 0; c < Width; c++)
        {
            var column = columns[c];
            var before = TensorPrimitives.Norm<double>(column);
            for (var turn = 0; turn < 2; turn++)
            {
                for (var earlier = 0; earlier < c; earlier++)
                {
                    var common = TensorPrimitives.Dot<double>(column, columns[earlier]);
                    TensorPrimitives.MultiplyAdd(columns[earlier], -common, column, column);
                }
            }
            var norm = TensorPrimitives.Norm<double>(column);
            TensorPrimitives.Multiply(column, norm > 1e-10 * before ? 1 / norm : 0, column);
            for (var d = 0; d < column.Length; d++)
                directions[d * Width + c] = column[d];
        }
    }

    private static double[,] InnerProducts(double[] directions, double[] product)
    {
        var inner = new double[Width, Width];
        for (var at = 0; at < directions.Length; at += Width)
        {
            for (var i = 0; i < Width; i++)
            {
                for (var j = 0; j <= i; j++)
                    inner[i, j] += directions[at + i] * product[at + j];
            }
        }
        for (var i = 0; i < Width; i++)
        {
            for (var j = 0; j < i; j++)
                inner[j, i] = inner[i, j];
        }
        return inner;
    }

    private static double[] Times(double[] matrix, double[,] turn)
    {
        var result = new double[matrix.Length];
        for (var at = 0; at < matrix.Length; at += Width)
        {
            for (var k = 0; k < Width; k++)
            {
                for (var j = 0; j < Width; j++)
                    result[at + j] += matrix[at + k] * turn[k, j];
            }
        }
        return result;
    }

    private static double Residual(double[] directions, double[] image, double value, int column)
    {
        var sum = 0.0;
        for (var at = column; at < directions.Length; at += Width)
            sum += Math.Pow(image[at] - value * directions[at], 2);
        return Math.Sqrt(sum);
    }

    private static double[] Column(double[] matrix, int column) =>
        [.. Enumerable.Range(0, matrix.Length / Width).Select(d => matrix[d * Width + column])];
}

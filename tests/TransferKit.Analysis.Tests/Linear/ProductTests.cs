using TransferKit.Analysis.Linear;

namespace TransferKit.Analysis.Tests.Linear;

public class ProductTests
{
    // Sizes on both sides of the kernel's tiles of 4 rows, 3 registers and 256 terms.
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(4, 256, 3)]
    [InlineData(7, 257, 4)]
    [InlineData(66, 300, 8)]
    public void A_product_is_the_sum_of_its_terms_whichever_operand_is_transposed(int rows, int depth, int registers)
    {
        Check<float>(rows, depth, registers * Product<float>.Lanes, 1e-5);
        Check<double>(rows, depth, registers * Product<double>.Lanes, 1e-13);
    }

    [Fact]
    public void Registers_of_both_widths_multiply_alike()
    {
        var (a, b, c) = (Numbers<float>(16, 1), Numbers<float>(16, 2), Numbers<float>(16, 3));
        var (wide, usual) = (new float[16], new float[16]);
        WideLanes<float>.MultiplyAdd(WideLanes<float>.Load(ref a[0]), WideLanes<float>.Load(ref b[0]), WideLanes<float>.Load(ref c[0]))
            .Store(ref wide[0]);
        for (var i = 0; i < 16; i += UsualLanes<float>.Count)
        {
            var (x, y, z) = (UsualLanes<float>.Load(ref a[i]), UsualLanes<float>.Load(ref b[i]), UsualLanes<float>.Load(ref c[i]));
            UsualLanes<float>.MultiplyAdd(x, y, z).Store(ref usual[i]);
        }
        Assert.Equal(wide, usual);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public void A_factored_matrix_solves_what_it_multiplied(int size)
    {
        var stride = (size + 63) / 64 * 64;
        var columns = Product<float>.Lanes;
        var basis = Numbers<double>(size * size, size);
        var (matrix, solution) = (new double[size, size], Numbers<float>(size * columns, 9));
        var (packed, right) = (new float[size * stride], new float[size * columns]);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                for (var k = 0; k < size; k++)
                    matrix[i, j] += basis[i * size + k] * basis[j * size + k] / size;
                matrix[i, j] += i == j ? 1 : 0;
                packed[i * stride + j] = (float)matrix[i, j];
            }
        }
        for (var i = 0; i < size; i++)
        {
            for (var c = 0; c < columns; c++)
                right[i * columns + c] = (float)Enumerable.Range(0, size).Sum(j => matrix[i, j] * solution[j * columns + c]);
        }

        Cholesky.Factor(packed, size, stride).Solve(right, columns);

        Assert.Equal(solution, right, (x, y) => Math.Abs(x - y) <= 2e-5);
    }

    private static void Check<T>(int rows, int depth, int columns, double tolerance)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        var (a, b) = (Numbers<T>(rows * depth, 1), Numbers<T>(depth * columns, 2));
        var (usual, transposed, expected) = (Numbers<T>(rows * columns, 3), Numbers<T>(rows * columns, 3), Numbers<T>(rows * columns, 3));
        var turned = new T[a.Length];
        for (var i = 0; i < rows; i++)
        {
            for (var k = 0; k < depth; k++)
            {
                turned[k * rows + i] = a[i * depth + k];
                for (var c = 0; c < columns; c++)
                    expected[i * columns + c] += a[i * depth + k] * b[k * columns + c];
            }
        }

        Product<T>.Add(new(a, depth), new(b, columns), new(usual, columns), rows, depth, columns);
        Product<T>.Add(new Strided<T>(turned, rows).Transposed, new(b, columns), new(transposed, columns), rows, depth, columns);

        Assert.Equal(expected, usual, (x, y) => double.CreateChecked(T.Abs(x - y)) <= tolerance);
        Assert.Equal(usual, transposed);
    }

    private static T[] Numbers<T>(int count, int seed)
        where T : System.Numerics.INumberBase<T>
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => T.CreateChecked(2 * random.NextDouble() - 1))];
    }
}

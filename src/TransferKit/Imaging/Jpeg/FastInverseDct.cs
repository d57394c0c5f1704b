using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Transforms coefficients to samples with the integers of libjpeg's fast transform, that of Arai, Agui and Nakajima, by which TensorFlow
/// decodes. It is coarser than <see cref="InverseDct"/>, and here it is not faster.
/// </summary>
internal static unsafe class FastInverseDct
{
    // These are the transform's factors multiplied by 2^8.
    private const int F1082 = 277;
    private const int F1414 = 362;
    private const int F1847 = 473;
    private const int F2613 = 669;
    private const int FactorBits = 8;

    /// <summary>The extra bits of the multipliers.</summary>
    private const int ScaleBits = 2;

    /// <summary>The scale of each coefficient, row by row, multiplied by 2^14.</summary>
    private static ReadOnlySpan<ushort> Scales =>
    [
        16384, 22725, 21407, 19266, 16384, 12873, 8867, 4520, 22725, 31521, 29692, 26722, 22725, 17855, 12299, 6270,
        21407, 29692, 27969, 25172, 21407, 16819, 11585, 5906, 19266, 26722, 25172, 22654, 19266, 15137, 10426, 5315,
        16384, 22725, 21407, 19266, 16384, 12873, 8867, 4520, 12873, 17855, 16819, 15137, 12873, 10114, 6967, 3552,
        8867, 12299, 11585, 10426, 8867, 6967, 4799, 2446, 4520, 6270, 5906, 5315, 4520, 3552, 2446, 1247,
    ];

    /// <param name="blocks">Coefficients of the blocks, multiplied by their quantisers.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="samples">Target of the first sample of the first block.</param>
    /// <param name="stride">Distance between rows of samples.</param>
    /// <param name="quantisers">Quantisers of the coefficients.</param>
    /// <returns>False if a sample is outside the range of valid pictures.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Transform(short* blocks, int count, byte* samples, nint stride, Quantiser* quantisers)
    {
        // The transform multiplies coefficients by other numbers than their quantisers, which are divided out first.
        var divisors = stackalloc float[64];
        var multipliers = stackalloc int[64];
        var between = stackalloc int[64];
        for (var i = 0; i < 64; i++)
        {
            var (factor, position) = ((ushort)quantisers->Steps[i], (int)(quantisers->Steps[i] >> 16));
            divisors[position] = 1f / factor;
            multipliers[position] = ((factor * Scales[position]) + (1 << (13 - ScaleBits))) >> (14 - ScaleBits);
        }
        var largest = 0;
        for (; count > 0; count--, blocks += 64, samples += 8)
        {
            var columns = new Vectors();
            for (var row = 0; row < 8; row++)
            {
                var values = Vector256.ConvertToSingle(Vector256.WidenLower(Vector128.Load(blocks + (8 * row)).ToVector256()));
                var whole = Vector256.ConvertToInt32(Vector256.Round(values * Vector256.Load(divisors + (8 * row))));
                columns[row] = whole * Vector256.Load(multipliers + (8 * row));
            }
            columns.Pass();
            columns.StoreTransposed(between);
            var rows = new Vectors();
            for (var column = 0; column < 8; column++)
            {
                rows[column] = Vector256.Load(between + (8 * column));
            }
            rows.Pass();
            rows.StoreTransposed(between);
            for (var i = 0; i < 64; i++)
            {
                var sample = between[i] >> (ScaleBits + 3);
                largest = Math.Max(largest, Math.Abs(sample));
                samples[(i / 8 * stride) + (i % 8)] = (byte)Math.Clamp(sample + 128, 0, 255);
            }
        }
        return InverseDct.IsNear(largest);
    }

    /// <summary>Represents eight values of each of eight columns or rows.</summary>
    [InlineArray(8)]
    private struct Vectors
    {
        private Vector256<int> _0;

        /// <summary>Transforms in one dimension.</summary>
        public void Pass()
        {
            var (even0, even1) = (this[0] + this[4], this[0] - this[4]);
            var even3 = this[2] + this[6];
            var even2 = Times(this[2] - this[6], F1414) - even3;
            var (a, d, b, c) = (even0 + even3, even0 - even3, even1 + even2, even1 - even2);

            var (z13, z10) = (this[5] + this[3], this[5] - this[3]);
            var (z11, z12) = (this[1] + this[7], this[1] - this[7]);
            var odd7 = z11 + z13;
            var z5 = Times(z10 + z12, F1847);
            var odd6 = Times(z10, -F2613) + z5 - odd7;
            var odd5 = Times(z11 - z13, F1414) - odd6;
            var odd4 = Times(z12, F1082) - z5 + odd5;

            (this[0], this[7]) = (a + odd7, a - odd7);
            (this[1], this[6]) = (b + odd6, b - odd6);
            (this[2], this[5]) = (c + odd5, c - odd5);
            (this[4], this[3]) = (d + odd4, d - odd4);
        }

        public readonly void StoreTransposed(int* to)
        {
            for (var i = 0; i < 8; i++)
            {
                for (var lane = 0; lane < 8; lane++)
                {
                    to[(8 * lane) + i] = this[i][lane];
                }
            }
        }

        // The product is rounded down, as in libjpeg.
        private static Vector256<int> Times(Vector256<int> value, int factor) => (value * factor) >> FactorBits;
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TransferKit.Imaging.Resizing;

/// <summary>
/// Represents the weights of one pass of Pillow's resampling. Each output position has its first source position, their number, and a
/// fixed-point weight for each. The weights are computed in double and rounded to 22 fractional bits, as in Pillow's <c>Resample.c</c> for
/// 8-bit images.
/// </summary>
internal readonly unsafe struct ResampleWeights
{
    /// <summary>The number of fractional bits: 32, minus 8 for the pixel and 2 for filters whose weights exceed one.</summary>
    public const int Precision = 32 - 8 - 2;

    /// <summary>This half unit makes the final shift round to nearest.</summary>
    public const int Half = 1 << (Precision - 1);

    /// <summary>The weights of a position are padded with zeros to a multiple of this, so that kernels need no tail loop.</summary>
    public const int Block = 4;

    private ResampleWeights(int positions, int stride)
    {
        Positions = positions;
        Stride = stride;
        First = ArrayPool<int>.Shared.Rent(positions);
        Count = ArrayPool<int>.Shared.Rent(positions);
        // Native memory comes last: nothing throws between this line and the owner that frees it.
        Values = (int*)NativeMemory.AllocZeroed((nuint)positions * (nuint)stride, sizeof(int));
    }

    /// <summary>Gets the number of output positions.</summary>
    public int Positions { get; }

    // The two arrays are rented and may be longer than their content.

    /// <summary>Gets the first source position of each output position; it never decreases.</summary>
    public int[] First { get; }

    /// <summary>Gets the number of source positions of each output position.</summary>
    public int[] Count { get; }

    /// <summary>Gets the weights, <see cref="Stride"/> per output position, in native memory that the packed weights own.</summary>
    public int* Values { get; }

    /// <summary>Gets the distance between the weights of neighbouring output positions, a multiple of <see cref="Block"/>.</summary>
    public int Stride { get; }

    /// <summary>Returns the bytes of native memory that one pass needs.</summary>
    /// <param name="axis">Direction of the pass. There is no pass if it is an identity.</param>
    /// <param name="filter">Any filter except nearest.</param>
    public static long Bytes(ResampleAxis axis, Interpolation filter) =>
        axis.IsIdentity ? 0 : (long)axis.Target * StrideOf(Longest(axis, filter)) * sizeof(int);

    /// <summary>Returns the largest number of source positions that contribute to an output position.</summary>
    public static int Longest(ResampleAxis axis, Interpolation filter)
    {
        var support = Support(filter) * Math.Max((double)axis.Length / axis.Resized, 1.0);
        return (int)Math.Min(((long)Math.Ceiling(support) * 2) + 1, axis.Source);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ResampleWeights Create(ResampleAxis axis, Interpolation filter)
    {
        var targetSize = axis.Target;
        var scale = (double)axis.Length / axis.Resized;
        // Shrinking widens the filter, so that every source pixel contributes; enlarging does not change it.
        var filterScale = Math.Max(scale, 1.0);
        var support = Support(filter) * filterScale;
        var inverseScale = 1.0 / filterScale;
        var longest = Longest(axis, filter);
        var stride = StrideOf(longest);

        var rentedExact = ArrayPool<double>.Shared.Rent(longest);
        var exact = rentedExact.AsSpan(0, longest);
        var weights = new ResampleWeights(targetSize, stride);
        var (first, count) = (weights.First, weights.Count);
        var values = new Span<int>(weights.Values, targetSize * stride);
        for (var i = 0; i < targetSize; i++)
        {
            var centre = axis.Start + ((axis.Skipped + i + 0.5) * scale);
            var from = Math.Max((int)(centre - support + 0.5), 0);
            var length = Math.Min((int)(centre + support + 0.5), axis.Source) - from;
            var sum = 0.0;
            for (var j = 0; j < length; j++)
            {
                exact[j] = Weight(filter, (j + from - centre + 0.5) * inverseScale);
                sum += exact[j];
            }
            first[i] = from;
            count[i] = length;
            for (var j = 0; j < length; j++)
            {
                var normal = sum != 0.0 ? exact[j] / sum : exact[j];
                values[(i * stride) + j] = (int)((normal < 0 ? -0.5 : 0.5) + (normal * (1 << Precision)));
            }
        }
        ArrayPool<double>.Shared.Return(rentedExact);
        return weights;
    }

    private static int StrideOf(int longest) => (longest + Block - 1) / Block * Block;

    private static double Support(Interpolation filter) => filter switch
    {
        Interpolation.Box => 0.5,
        Interpolation.Bilinear or Interpolation.Hamming => 1.0,
        Interpolation.Bicubic => 2.0,
        Interpolation.Lanczos => 3.0,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "The filter has no weights."),
    };

    private static double Weight(Interpolation filter, double x) => filter switch
    {
        Interpolation.Box => x > -0.5 && x <= 0.5 ? 1.0 : 0.0,
        Interpolation.Bilinear => Math.Max(1.0 - Math.Abs(x), 0.0),
        Interpolation.Hamming => Hamming(Math.Abs(x)),
        Interpolation.Bicubic => Cubic(Math.Abs(x)),
        _ => x is >= -3.0 and < 3.0 ? Sinc(x) * Sinc(x / 3.0) : 0.0,
    };

    private static double Sinc(double x)
    {
        if (x == 0.0)
        {
            return 1.0;
        }
        x *= Math.PI;
        return Math.Sin(x) / x;
    }

    /// <remarks>Pillow writes the window's two constants in single precision, which affects the last bit.</remarks>
    private static double Hamming(double x) => x switch
    {
        0.0 => 1.0,
        >= 1.0 => 0.0,
        _ => Sinc(x) * (0.54f + (0.46f * Math.Cos(x * Math.PI))),
    };

    private static double Cubic(double x)
    {
        const double a = -0.5;
        return x switch
        {
            < 1.0 => ((((a + 2.0) * x) - (a + 3.0)) * x * x) + 1.0,
            < 2.0 => ((((x - 5.0) * x) + 8.0) * x - 4.0) * a,
            _ => 0.0,
        };
    }
}

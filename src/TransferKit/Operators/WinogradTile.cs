using System.Runtime.CompilerServices;

namespace TransferKit.Operators;

/// <summary>
/// Winograd's F(4x4, 3x3), which computes a tile of 4x4 outputs from 6x6 inputs with 36 products per channel instead of 144. Each
/// transform of a tile transforms lines, first the columns and then the rows
/// (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016).
/// </summary>
internal static unsafe class WinogradTile
{
    /// <summary>The number of outputs of a line.</summary>
    public const int Outputs = 4;

    /// <summary>The number of inputs of a line.</summary>
    public const int Inputs = 6;

    /// <summary>The number of products of a tile for each channel.</summary>
    public const int Places = Inputs * Inputs;

    /// <summary>The matrix that transforms the three numbers of a kernel's line into six.</summary>
    public static readonly double[][] Kernel =
    [
        [1 / 4.0, 0, 0], [-1 / 6.0, -1 / 6.0, -1 / 6.0], [-1 / 6.0, 1 / 6.0, -1 / 6.0], [1 / 24.0, 1 / 12.0, 1 / 6.0],
        [1 / 24.0, -1 / 12.0, 1 / 6.0], [0, 0, 1],
    ];

    /// <summary>Transforms a line of six inputs; strides are in vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformInput<T, TVector>(TVector* line, nint stride, TVector* to, nint toStride)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        var (d0, d1, d2) = (line[0], line[stride], line[2 * stride]);
        var (d3, d4, d5) = (line[3 * stride], line[4 * stride], line[5 * stride]);
        var (even, odd) = (T.Sum(T.Create(-4), d2, d4), T.Sum(T.Create(-4), d1, d3));
        var (far, near) = (T.Subtract(d4, d2), T.Subtract(d3, d1));
        to[0] = T.Sum(T.Create(4), d0, T.Sum(T.Create(-5), d2, d4));
        to[toStride] = T.Add(even, odd);
        to[2 * toStride] = T.Subtract(even, odd);
        to[3 * toStride] = T.Sum(T.Create(2), near, far);
        to[4 * toStride] = T.Sum(T.Create(-2), near, far);
        to[5 * toStride] = T.Sum(T.Create(4), d1, T.Sum(T.Create(-5), d3, d5));
    }

    /// <summary>Transforms a line of three numbers of a kernel into six by <see cref="Kernel"/>; strides are in vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformKernel<T, TVector>(TVector* line, nint stride, TVector* to, nint toStride)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        var (g0, g1, g2) = (line[0], line[stride], line[2 * stride]);
        var near = T.Multiply(T.Create(-1 / 6f), T.Add(g0, g2));
        var far = T.Sum(T.Create(1 / 24f), g0, T.Multiply(T.Create(1 / 6f), g2));
        to[0] = T.Multiply(T.Create(1 / 4f), g0);
        to[toStride] = T.Sum(T.Create(-1 / 6f), g1, near);
        to[2 * toStride] = T.Sum(T.Create(1 / 6f), g1, near);
        to[3 * toStride] = T.Sum(T.Create(1 / 12f), g1, far);
        to[4 * toStride] = T.Sum(T.Create(-1 / 12f), g1, far);
        to[5 * toStride] = g2;
    }

    /// <summary>Transforms a line of six products into four outputs; strides are in vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformOutput<T, TVector>(TVector* line, nint stride, TVector* to, nint toStride)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        var (m1, m2, m3, m4) = (line[stride], line[2 * stride], line[3 * stride], line[4 * stride]);
        var (sum, difference) = (T.Add(m1, m2), T.Subtract(m1, m2));
        var (farSum, farDifference) = (T.Add(m3, m4), T.Subtract(m3, m4));
        to[0] = T.Add(T.Add(line[0], sum), farSum);
        to[toStride] = T.Sum(T.Create(2), farDifference, difference);
        to[2 * toStride] = T.Sum(T.Create(4), farSum, sum);
        to[3 * toStride] = T.Add(T.Sum(T.Create(8), farDifference, difference), line[5 * stride]);
    }
}

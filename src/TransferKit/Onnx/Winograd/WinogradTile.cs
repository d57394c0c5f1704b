using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Onnx.Winograd;

/// <summary>
/// Winograd's F(4x4, 3x3): a tile of 4x4 outputs out of 6x6 inputs by 36 products a channel, where the convolution as it is
/// written takes 144. Each transform is the one of a line, first down the columns, then along the rows
/// (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016).
/// </summary>
internal static class WinogradTile
{
    /// <summary>Outputs of a line.</summary>
    public const int Outputs = 4;

    /// <summary>Inputs of a line.</summary>
    public const int Inputs = 6;

    /// <summary>Products of a tile.</summary>
    public const int Places = Inputs * Inputs;

    /// <summary>What the three numbers of a kernel's line become.</summary>
    public static readonly double[][] Kernel =
    [
        [1 / 4.0, 0, 0], [-1 / 6.0, -1 / 6.0, -1 / 6.0], [-1 / 6.0, 1 / 6.0, -1 / 6.0], [1 / 24.0, 1 / 12.0, 1 / 6.0],
        [1 / 24.0, -1 / 12.0, 1 / 6.0], [0, 0, 1],
    ];

    /// <summary>Turns a line of six inputs, <paramref name="stride"/> apart, into its transform.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformInput(ref Vector512<float> line, int stride)
    {
        var (d0, d1, d2) = (line, Unsafe.Add(ref line, stride), Unsafe.Add(ref line, 2 * stride));
        var (d3, d4, d5) = (Unsafe.Add(ref line, 3 * stride), Unsafe.Add(ref line, 4 * stride), Unsafe.Add(ref line, 5 * stride));
        var (even, odd) = (d4 - 4 * d2, d3 - 4 * d1);
        var (far, near) = (d4 - d2, 2 * (d3 - d1));
        line = 4 * d0 - 5 * d2 + d4;
        Unsafe.Add(ref line, stride) = even + odd;
        Unsafe.Add(ref line, 2 * stride) = even - odd;
        Unsafe.Add(ref line, 3 * stride) = far + near;
        Unsafe.Add(ref line, 4 * stride) = far - near;
        Unsafe.Add(ref line, 5 * stride) = 4 * d1 - 5 * d3 + d5;
    }

    /// <summary>Turns a line of six products into four outputs, <paramref name="outputStride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformOutput(ref Vector512<float> line, int stride, ref Vector512<float> output, int outputStride)
    {
        var (m1, m2) = (Unsafe.Add(ref line, stride), Unsafe.Add(ref line, 2 * stride));
        var (m3, m4) = (Unsafe.Add(ref line, 3 * stride), Unsafe.Add(ref line, 4 * stride));
        var (sum, difference, farSum, farDifference) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4);
        output = line + sum + farSum;
        Unsafe.Add(ref output, outputStride) = difference + 2 * farDifference;
        Unsafe.Add(ref output, 2 * outputStride) = sum + 4 * farSum;
        Unsafe.Add(ref output, 3 * outputStride) = difference + 8 * farDifference + Unsafe.Add(ref line, 5 * stride);
    }
}

using System.Runtime.Intrinsics.X86;

namespace TransferKit.Operators;

/// <summary>
/// A convolution of bytes by a kernel of signed bytes to a map of bytes with channels last. It computes ONNX' QLinearConv: exact sums of
/// ints, each scaled and rounded once. Its items, each some outputs, may run on any threads.
/// </summary>
internal unsafe struct ByteConvolution
{
    /// <summary>The products that the processor adds to a sum at once.</summary>
    public const int ProductsAtOnce = 4;

    /// <summary>The largest number of rows or columns of a kernel, and the largest stride.</summary>
    public const int Largest = 7;

    /// <summary>
    /// The image of shape <c>(n, channels, h, w)</c> for <see cref="ImageConvolution"/>, the map of shape <c>(n, h, w, channels)</c> for
    /// <see cref="DepthwiseConvolution"/>.
    /// </summary>
    public byte* Input;

    /// <summary>The kernel as its kind of convolution packs it.</summary>
    public sbyte* Kernel;

    /// <summary>The biases, with the part of the sums that the zero point of the input makes.</summary>
    public int* Bias;

    /// <summary>What the sums of each filter are multiplied by.</summary>
    public float* Factors;

    /// <summary>The map of shape <c>(n, h, w, filters)</c>.</summary>
    public byte* Output;

    public int Images, Channels, Height, Width, Filters;
    public MapWindow Window;
    public int InputZero, OutputZero;

    /// <summary>Whether this processor adds products of bytes to ints without overflow in between.</summary>
    public static bool IsSupported => AvxVnni.IsSupported;

    public readonly int OutputHeight => Window.OutputHeight(Height);
    public readonly int OutputWidth => Window.OutputWidth(Width);
}

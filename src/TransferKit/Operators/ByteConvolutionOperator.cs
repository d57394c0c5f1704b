using System.Runtime.InteropServices;

namespace TransferKit.Operators;

/// <summary>
/// The two ONNX Runtime operators that compute a <see cref="ByteConvolution"/> on the threads of the session. Their inputs are the image or
/// the map, the packed kernel, the biases and the factors.
/// </summary>
internal static unsafe class ByteConvolutionOperator
{
    /// <summary>The name of the operator of <see cref="ImageConvolution"/>.</summary>
    public const string OfImage = "ImageConv";

    /// <summary>The name of the operator of <see cref="DepthwiseConvolution"/>.</summary>
    public const string Depthwise = "DepthwiseConv";

    /// <summary>The names of the attributes, in the order in which a kernel stores their numbers.</summary>
    public static readonly string[] Attributes =
        [.. MapWindow.Attributes, "input_zero_point", "output_zero_point"];

    private static readonly int[] InputTypes = [CustomOperator.Byte, CustomOperator.SignedByte, CustomOperator.Int, CustomOperator.Float];

    public static CustomOperator* CreateOfImage() =>
        CustomOperator.Create(OfImage, Attributes, InputTypes, CustomOperator.Byte, &ShapeOfImage, &ComputeOfImage);

    public static CustomOperator* CreateDepthwise() =>
        CustomOperator.Create(Depthwise, Attributes, InputTypes, CustomOperator.Byte, &ShapeOfDepthwise, &ComputeDepthwise);

    // There is a factor for each filter.
    private static void ShapeOfImage(long* attributes, long** inputs, long* output)
    {
        var window = new MapWindow(attributes);
        (output[1], output[2], output[3]) =
            (window.OutputHeight((int)inputs[0][2]), window.OutputWidth((int)inputs[0][3]), inputs[3][0]);
    }

    private static void ShapeOfDepthwise(long* attributes, long** inputs, long* output)
    {
        var window = new MapWindow(attributes);
        (output[1], output[2]) = (window.OutputHeight((int)inputs[0][1]), window.OutputWidth((int)inputs[0][2]));
    }

    private static void ComputeOfImage(long* attributes, nint context) => Compute(attributes, context, isDepthwise: false);

    private static void ComputeDepthwise(long* attributes, nint context) => Compute(attributes, context, isDepthwise: true);

    private static void Compute(long* attributes, nint context, bool isDepthwise)
    {
        var work = Read(attributes, context, isDepthwise);
        var items = isDepthwise ? DepthwiseConvolution.Items(work) : ImageConvolution.Items(work);
        OrtFunctions.Check(OrtFunctions.ParallelFor(context, isDepthwise ? &RunDepthwise : &RunOfImage, (nuint)items, 0, &work));
    }

    private static ByteConvolution Read(long* attributes, nint context, bool isDepthwise)
    {
        var shape = stackalloc long[4];
        var filters = stackalloc long[1];
        var work = new ByteConvolution
        {
            Window = new(attributes),
            InputZero = (int)attributes[7],
            OutputZero = (int)attributes[8],
            Input = CustomOperator.Input<byte>(context, 0, shape, 4),
            Kernel = CustomOperator.Input<sbyte>(context, 1, filters, 1),
            Bias = CustomOperator.Input<int>(context, 2, filters, 1),
            Factors = CustomOperator.Input<float>(context, 3, filters, 1),
        };
        work.Images = checked((int)shape[0]);
        (work.Channels, work.Height, work.Width, work.Filters) = isDepthwise
            ? ((int)shape[3], (int)shape[1], (int)shape[2], (int)shape[3])
            : ((int)shape[1], (int)shape[2], (int)shape[3], (int)filters[0]);

        var outputShape = stackalloc long[4] { work.Images, work.OutputHeight, work.OutputWidth, work.Filters };
        work.Output = CustomOperator.Output<byte>(context, outputShape, 4);
        return work;
    }

    [UnmanagedCallersOnly]
    private static void RunOfImage(void* work, nuint item) => ImageConvolution.Run(*(ByteConvolution*)work, (int)item);

    [UnmanagedCallersOnly]
    private static void RunDepthwise(void* work, nuint item) => DepthwiseConvolution.Run(*(ByteConvolution*)work, (int)item);
}

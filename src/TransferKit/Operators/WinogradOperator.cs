using System.Runtime.InteropServices;

namespace TransferKit.Operators;

/// <summary>
/// The ONNX Runtime operator that runs <see cref="WinogradConvolution"/> on the threads of the session. Its inputs are the map, the
/// kernel and the bias.
/// </summary>
internal static unsafe class WinogradOperator
{
    public const string Name = "WinogradConv";

    /// <summary>
    /// The names of the attributes: the width of the padding, whether ReLU follows, the channels of a block, and whether the kernel is
    /// transformed.
    /// </summary>
    public static readonly string[] Attributes = ["padding", "rectified", "lanes", "transformed"];

    private static readonly int[] InputTypes = [CustomOperator.Float, CustomOperator.Float, CustomOperator.Float];

    public static CustomOperator* Create() =>
        CustomOperator.Create(Name, Attributes, InputTypes, CustomOperator.Float, &ShapeOf, &Compute);

    private static void ShapeOf(long* attributes, long** inputs, long* output)
    {
        var padding = (int)attributes[0];
        output[1] = FiltersOf(inputs[1], attributes[3] != 0);
        output[2] = WinogradConvolution.OutputsOf((int)inputs[0][2], padding);
        output[3] = WinogradConvolution.OutputsOf((int)inputs[0][3], padding);
    }

    // A transformed kernel is divided into panels.
    private static long FiltersOf(long* shape, bool isTransformed) => isTransformed ? shape[0] * shape[3] : shape[0];

    private static void Compute(long* attributes, nint context)
    {
        var shape = stackalloc long[4];
        var kernelShape = stackalloc long[4];
        var biasShape = stackalloc long[1];
        var work = new WinogradConvolution
        {
            Padding = (int)attributes[0],
            IsRectified = attributes[1] != 0,
            Lanes = (int)attributes[2],
            IsTransformed = attributes[3] != 0,
            Input = CustomOperator.Input<float>(context, 0, shape, 4),
            Kernel = CustomOperator.Input<float>(context, 1, kernelShape, 4),
            Bias = CustomOperator.Input<float>(context, 2, biasShape, 1),
        };
        (work.Images, work.Channels, work.Height, work.Width) = (checked((int)shape[0]), (int)shape[1], (int)shape[2], (int)shape[3]);
        work.Filters = (int)FiltersOf(kernelShape, work.IsTransformed);

        var outputShape = stackalloc long[4] { work.Images, work.Filters, work.OutputHeight, work.OutputWidth };
        work.Output = CustomOperator.Output<float>(context, outputShape, 4);

        work.Divide(CustomOperators.Threads);
        OrtFunctions.Check(OrtFunctions.ParallelFor(context, &ComputeItem, (nuint)work.Items, 0, &work));
    }

    [UnmanagedCallersOnly]
    private static void ComputeItem(void* work, nuint item) => ((WinogradConvolution*)work)->Compute((int)item);
}

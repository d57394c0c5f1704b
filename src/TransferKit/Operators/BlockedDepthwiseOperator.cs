using System.Runtime.InteropServices;

namespace TransferKit.Operators;

/// <summary>
/// The ONNX Runtime operators that run <see cref="BlockedDepthwise"/> on the threads of the session. Their inputs are the map, the kernel
/// and the bias, and of the second also the kernel and the bias of the 1x1 convolution before it.
/// </summary>
internal static unsafe class BlockedDepthwiseOperator
{
    /// <summary>The name of the operator that reads the rows of a map.</summary>
    public const string Name = "BlockedDepthwiseConv";

    /// <summary>The name of the operator that reads those of a map's 1x1 convolution.</summary>
    public const string Expanding = "BlockedExpandingConv";

    /// <summary>The names of the attributes. Of both activations, that of the rows first, the last two are the bits of floats.</summary>
    public static readonly string[] Attributes =
    [
        .. MapWindow.Attributes, "lanes", "row_activation", "row_first", "row_second", "activation", "first", "second",
    ];

    private static readonly int[] InputTypes = [CustomOperator.Float, CustomOperator.Float, CustomOperator.Float];
    private static readonly int[] ExpandingTypes = [.. InputTypes, CustomOperator.Float, CustomOperator.Float];

    public static CustomOperator* Create() =>
        CustomOperator.Create(Name, Attributes, InputTypes, CustomOperator.Float, &ShapeOf, &Compute);

    public static CustomOperator* CreateExpanding() =>
        CustomOperator.Create(Expanding, Attributes, ExpandingTypes, CustomOperator.Float, &ShapeOf, &ComputeExpanding);

    /// <summary>Returns an activation's three attributes.</summary>
    public static long[] Values(MapActivation activation) =>
    [
        (long)activation.Kind, BitConverter.SingleToInt32Bits(activation.First), BitConverter.SingleToInt32Bits(activation.Second),
    ];

    // The bias has the number of channels.
    private static void ShapeOf(long* attributes, long** inputs, long* output)
    {
        var window = new MapWindow(attributes);
        (output[1], output[2], output[3]) =
            (inputs[2][0], window.OutputHeight((int)inputs[0][2]), window.OutputWidth((int)inputs[0][3]));
    }

    private static void Compute(long* attributes, nint context) => Compute(attributes, context, isExpanding: false);

    private static void ComputeExpanding(long* attributes, nint context) => Compute(attributes, context, isExpanding: true);

    private static void Compute(long* attributes, nint context, bool isExpanding)
    {
        var work = Read(attributes, context, isExpanding);
        OrtFunctions.Check(OrtFunctions.ParallelFor(context, &Run, (nuint)work.Divide(CustomOperators.Threads), 0, &work));
    }

    private static BlockedDepthwise Read(long* attributes, nint context, bool isExpanding)
    {
        var shape = stackalloc long[4];
        var other = stackalloc long[1];
        var work = new BlockedDepthwise
        {
            Window = new(attributes),
            Activation = ActivationOf(attributes + 11),
            From = new()
            {
                Lanes = (int)attributes[7],
                Activation = ActivationOf(attributes + 8),
                Input = CustomOperator.Input<float>(context, 0, shape, 4),
                Kernel = isExpanding ? CustomOperator.Input<float>(context, 3, other, 1) : null,
                Bias = isExpanding ? CustomOperator.Input<float>(context, 4, other, 1) : null,
                Inputs = (int)shape[1],
                Height = (int)shape[2],
                Width = (int)shape[3],
            },
            Images = checked((int)shape[0]),
            Kernel = CustomOperator.Input<float>(context, 1, other, 1),
            Bias = CustomOperator.Input<float>(context, 2, other, 1),
        };
        work.Channels = (int)other[0];
        var outputShape = stackalloc long[4] { work.Images, work.Channels, work.OutputHeight, work.OutputWidth };
        work.Output = CustomOperator.Output<float>(context, outputShape, 4);
        return work;
    }

    private static MapActivation ActivationOf(long* attributes) =>
        new((MapActivationKind)attributes[0], Float(attributes[1]), Float(attributes[2]));

    private static float Float(long bits) => BitConverter.Int32BitsToSingle((int)bits);

    [UnmanagedCallersOnly]
    private static void Run(void* work, nuint item) => ((BlockedDepthwise*)work)->Run((int)item);
}

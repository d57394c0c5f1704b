using System.Runtime.InteropServices;

namespace TransferKit.Operators;

/// <summary>
/// The ONNX Runtime operator that runs <see cref="BlockedDepthwise"/> on the threads of the session. Its inputs are the map, the kernel and
/// the bias.
/// </summary>
internal static unsafe class BlockedDepthwiseOperator
{
    public const string Name = "BlockedDepthwiseConv";

    /// <summary>The names of the attributes. The last two are the bits of the activation's floats.</summary>
    public static readonly string[] Attributes =
    [
        "rows", "columns", "stride", "top", "left", "bottom", "right", "lanes", "swish_input", "activation", "first", "second",
    ];

    private static readonly int[] InputTypes = [CustomOperator.Float, CustomOperator.Float, CustomOperator.Float];

    public static CustomOperator* Create() => CustomOperator.Create(Name, Attributes, InputTypes, CustomOperator.Float, &Compute);

    [UnmanagedCallersOnly]
    private static nint Compute(long* attributes, nint context)
    {
        try
        {
            var work = Read(attributes, context);
            OrtFunctions.Check(OrtFunctions.ParallelFor(context, &Run, (nuint)work.Divide(CustomOperators.Threads), 0, &work));
            return 0;
        }
        catch (Exception e)
        {
            return CustomOperator.Failure(e);
        }
    }

    private static BlockedDepthwise Read(long* attributes, nint context)
    {
        var shape = stackalloc long[4];
        var other = stackalloc long[1];
        var work = new BlockedDepthwise
        {
            Rows = (int)attributes[0],
            Columns = (int)attributes[1],
            Stride = (int)attributes[2],
            Top = (int)attributes[3],
            Left = (int)attributes[4],
            Bottom = (int)attributes[5],
            Right = (int)attributes[6],
            Lanes = (int)attributes[7],
            IsInputSwish = attributes[8] != 0,
            Activation = new(
                (MapActivationKind)attributes[9], BitConverter.Int32BitsToSingle((int)attributes[10]),
                BitConverter.Int32BitsToSingle((int)attributes[11])),
            Input = CustomOperator.Input<float>(context, 0, shape, 4),
            Kernel = CustomOperator.Input<float>(context, 1, other, 1),
            Bias = CustomOperator.Input<float>(context, 2, other, 1),
        };
        (work.Images, work.Channels, work.Height, work.Width) = (checked((int)shape[0]), (int)shape[1], (int)shape[2], (int)shape[3]);
        var outputShape = stackalloc long[4] { work.Images, work.Channels, work.OutputHeight, work.OutputWidth };
        work.Output = CustomOperator.Output<float>(context, outputShape, 4);
        return work;
    }

    [UnmanagedCallersOnly]
    private static void Run(void* work, nuint item) => ((BlockedDepthwise*)work)->Run((int)item);
}

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
        ["rows", "columns", "stride", "top", "left", "bottom", "right", "input_zero_point", "output_zero_point"];

    private static readonly byte* OfImageName = CustomOperators.Permanent(OfImage);
    private static readonly byte* DepthwiseName = CustomOperators.Permanent(Depthwise);
    private static readonly nint[] NativeAttributes = Array.ConvertAll(Attributes, name => (nint)CustomOperators.Permanent(name));

    public static CustomOperators.Callbacks* CreateOfImage()
    {
        var callbacks = Create();
        callbacks->GetName = &GetOfImageName;
        callbacks->Compute = &ComputeOfImage;
        return callbacks;
    }

    public static CustomOperators.Callbacks* CreateDepthwise()
    {
        var callbacks = Create();
        callbacks->GetName = &GetDepthwiseName;
        callbacks->Compute = &ComputeDepthwise;
        return callbacks;
    }

    private static CustomOperators.Callbacks* Create()
    {
        var callbacks = CustomOperators.Create();
        callbacks->GetInputType = &GetInputType;
        callbacks->GetInputCount = &GetInputCount;
        callbacks->GetOutputType = &GetOutputType;
        callbacks->CreateKernel = &CreateKernel;
        callbacks->DestroyKernel = &DestroyKernel;
        return callbacks;
    }

    [UnmanagedCallersOnly]
    private static byte* GetOfImageName(nint op) => OfImageName;

    [UnmanagedCallersOnly]
    private static byte* GetDepthwiseName(nint op) => DepthwiseName;

    [UnmanagedCallersOnly]
    private static nuint GetInputCount(nint op) => 4;

    [UnmanagedCallersOnly]
    private static int GetInputType(nint op, nuint index) => index switch
    {
        0 => CustomOperators.Byte,
        1 => CustomOperators.SignedByte,
        2 => CustomOperators.Int,
        _ => CustomOperators.Float,
    };

    [UnmanagedCallersOnly]
    private static int GetOutputType(nint op, nuint index) => CustomOperators.Byte;

    // ONNX Runtime stores the pointer to the attributes' numbers for the kernel.
    [UnmanagedCallersOnly]
    private static nint CreateKernel(nint op, nint api, nint info, nint* kernel)
    {
        var numbers = (long*)NativeMemory.Alloc((nuint)NativeAttributes.Length, sizeof(long));
        nint status = 0;
        for (var i = 0; i < NativeAttributes.Length && status == 0; i++)
            status = OrtFunctions.GetAttribute(info, (byte*)NativeAttributes[i], numbers + i);
        if (status != 0)
            NativeMemory.Free(numbers);
        *kernel = (nint)numbers;
        return status;
    }

    [UnmanagedCallersOnly]
    private static void DestroyKernel(nint kernel) => NativeMemory.Free((void*)kernel);

    [UnmanagedCallersOnly]
    private static nint ComputeOfImage(nint kernel, nint context) => Compute((long*)kernel, context, isDepthwise: false);

    [UnmanagedCallersOnly]
    private static nint ComputeDepthwise(nint kernel, nint context) => Compute((long*)kernel, context, isDepthwise: true);

    // Exceptions must not reach the native caller.
    private static nint Compute(long* attributes, nint context, bool isDepthwise)
    {
        try
        {
            var work = Read(attributes, context, isDepthwise);
            var items = isDepthwise ? DepthwiseConvolution.Items(work) : ImageConvolution.Items(work);
            OrtFunctions.Check(OrtFunctions.ParallelFor(context, isDepthwise ? &RunDepthwise : &RunOfImage, (nuint)items, 0, &work));
            return 0;
        }
        catch (Exception e)
        {
            return CustomOperators.Failure(e);
        }
    }

    private static ByteConvolution Read(long* attributes, nint context, bool isDepthwise)
    {
        var shape = stackalloc long[4];
        var filters = stackalloc long[1];
        var work = new ByteConvolution
        {
            Rows = (int)attributes[0],
            Columns = (int)attributes[1],
            Stride = (int)attributes[2],
            Top = (int)attributes[3],
            Left = (int)attributes[4],
            Bottom = (int)attributes[5],
            Right = (int)attributes[6],
            InputZero = (int)attributes[7],
            OutputZero = (int)attributes[8],
            Input = CustomOperators.Input<byte>(context, 0, shape, 4),
            Kernel = CustomOperators.Input<sbyte>(context, 1, filters, 1),
            Bias = CustomOperators.Input<int>(context, 2, filters, 1),
            Factors = CustomOperators.Input<float>(context, 3, filters, 1),
        };
        work.Images = checked((int)shape[0]);
        (work.Channels, work.Height, work.Width, work.Filters) = isDepthwise
            ? ((int)shape[3], (int)shape[1], (int)shape[2], (int)shape[3])
            : ((int)shape[1], (int)shape[2], (int)shape[3], (int)filters[0]);

        var outputShape = stackalloc long[4] { work.Images, work.OutputHeight, work.OutputWidth, work.Filters };
        work.Output = CustomOperators.Output<byte>(context, outputShape, 4);
        return work;
    }

    [UnmanagedCallersOnly]
    private static void RunOfImage(void* work, nuint item) => ImageConvolution.Run(*(ByteConvolution*)work, (int)item);

    [UnmanagedCallersOnly]
    private static void RunDepthwise(void* work, nuint item) => DepthwiseConvolution.Run(*(ByteConvolution*)work, (int)item);
}

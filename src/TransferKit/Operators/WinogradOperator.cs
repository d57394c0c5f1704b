using System.Buffers;
using System.Runtime.InteropServices;

namespace TransferKit.Operators;

/// <summary>
/// The ONNX Runtime operator that runs <see cref="WinogradConvolution"/> on the threads of the session. Its inputs are the map, the
/// transformed kernel and the bias.
/// </summary>
internal static unsafe class WinogradOperator
{
    public const string Name = "WinogradConv";
    public const string Padding = "padding";
    public const string IsRectified = "rectified";
    public const string Lanes = "lanes";

    private const nint Bits = 3;

    private static readonly byte* NativeName = CustomOperators.Permanent(Name);
    private static readonly byte* PaddingName = CustomOperators.Permanent(Padding);
    private static readonly byte* RectifiedName = CustomOperators.Permanent(IsRectified);
    private static readonly byte* LanesName = CustomOperators.Permanent(Lanes);

    public static CustomOperators.Callbacks* Create()
    {
        var callbacks = CustomOperators.Create();
        callbacks->GetName = &GetName;
        callbacks->CreateKernel = &CreateKernel;
        callbacks->Compute = &Compute;
        return callbacks;
    }

    [UnmanagedCallersOnly]
    private static byte* GetName(nint op) => NativeName;

    // The pointer that ONNX Runtime stores for a kernel holds the attributes: two as bits, and above them 8 or 16 lanes, so it is not null.
    [UnmanagedCallersOnly]
    private static nint CreateKernel(nint op, nint api, nint info, nint* kernel)
    {
        long padding = 0, rectified = 0, lanes = 0;
        var status = OrtFunctions.GetAttribute(info, PaddingName, &padding);
        if (status == 0)
            status = OrtFunctions.GetAttribute(info, RectifiedName, &rectified);
        if (status == 0)
            status = OrtFunctions.GetAttribute(info, LanesName, &lanes);
        *kernel = (nint)(lanes | padding << 1 | rectified);
        return status;
    }

    // Exceptions must not reach the native caller.
    [UnmanagedCallersOnly]
    private static nint Compute(nint kernel, nint context)
    {
        try
        {
            Compute(context, lanes: (int)(kernel & ~Bits), padding: (int)(kernel >> 1 & 1), isRectified: (kernel & 1) != 0);
            return 0;
        }
        catch (Exception e)
        {
            return CustomOperators.Failure(e);
        }
    }

    private static void Compute(nint context, int lanes, int padding, bool isRectified)
    {
        var shape = stackalloc long[4];
        var kernelShape = stackalloc long[4];
        var biasShape = stackalloc long[1];
        var work = new WinogradConvolution
        {
            Lanes = lanes,
            Padding = padding,
            IsRectified = isRectified,
            Input = CustomOperators.Input<float>(context, 0, shape, 4),
            Kernel = CustomOperators.Input<float>(context, 1, kernelShape, 4),
            Bias = CustomOperators.Input<float>(context, 2, biasShape, 1),
        };
        (work.Images, work.Channels, work.Height, work.Width) = (checked((int)shape[0]), (int)shape[1], (int)shape[2], (int)shape[3]);
        work.Filters = (int)(kernelShape[0] * kernelShape[3]);

        var outputShape = stackalloc long[4] { work.Images, work.Filters, work.OutputHeight, work.OutputWidth };
        work.Output = CustomOperators.Output<float>(context, outputShape, 4);

        var scratch = ArrayPool<float>.Shared.Rent(work.Divide(CustomOperators.Threads) + WinogradConvolution.CacheLine / sizeof(float));
        try
        {
            fixed (float* memory = scratch)
            {
                work.Begin(WinogradConvolution.Aligned(memory));
                while (work.Next())
                {
                    OrtFunctions.Check(OrtFunctions.ParallelFor(context, &Transform, (nuint)work.Transforms, 0, &work));
                    OrtFunctions.Check(OrtFunctions.ParallelFor(context, &Multiply, (nuint)work.Products, 0, &work));
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }
    }

    [UnmanagedCallersOnly]
    private static void Transform(void* work, nuint item) => ((WinogradConvolution*)work)->Transform((int)item);

    [UnmanagedCallersOnly]
    private static void Multiply(void* work, nuint item) => ((WinogradConvolution*)work)->Multiply((int)item);
}

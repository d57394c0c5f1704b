using System.Buffers;
using System.Runtime.InteropServices;

namespace TransferKit.Onnx.Winograd;

/// <summary>
/// <see cref="WinogradConvolution"/> as an operator of ONNX Runtime, on its threads: inputs are the map, the transformed kernel
/// and the bias.
/// </summary>
internal static unsafe class WinogradOperator
{
    public const string Name = "WinogradConv";
    public const string IsPlanar = "planar";
    public const string IsPooled = "pooled";

    private static readonly byte* NativeName = OwnOperators.Permanent(Name);
    private static readonly byte* PlanarName = OwnOperators.Permanent(IsPlanar);
    private static readonly byte* PooledName = OwnOperators.Permanent(IsPooled);

    public static OwnOperators.Callbacks* Create()
    {
        var callbacks = OwnOperators.Create();
        callbacks->GetName = &GetName;
        callbacks->GetInputType = &GetInputType;
        callbacks->CreateKernel = &CreateKernel;
        callbacks->Compute = &Compute;
        return callbacks;
    }

    [UnmanagedCallersOnly]
    private static byte* GetName(nint op) => NativeName;

    [UnmanagedCallersOnly]
    private static int GetInputType(nint op, nuint index) => OwnOperators.Float;

    // A kernel is its two attributes, as bits of the pointer that ONNX Runtime keeps for it; the third bit is for it not to be null.
    [UnmanagedCallersOnly]
    private static nint CreateKernel(nint op, nint api, nint info, nint* kernel)
    {
        long planar = 0, pooled = 0;
        var status = OrtFunctions.GetAttribute(info, PlanarName, &planar);
        if (status == 0)
            status = OrtFunctions.GetAttribute(info, PooledName, &pooled);
        *kernel = (nint)(4 | planar << 1 | pooled);
        return status;
    }

    // No exception may leave it: the caller is native.
    [UnmanagedCallersOnly]
    private static nint Compute(nint kernel, nint context)
    {
        try
        {
            Compute(context, isPlanar: (kernel & 2) != 0, isPooled: (kernel & 1) != 0);
            return 0;
        }
        catch (Exception e)
        {
            return OwnOperators.Failure(e);
        }
    }

    private static void Compute(nint context, bool isPlanar, bool isPooled)
    {
        var shape = stackalloc long[4];
        var kernelShape = stackalloc long[4];
        var biasShape = stackalloc long[1];
        var work = new WinogradConvolution
        {
            IsPlanar = isPlanar,
            IsPooled = isPooled,
            Input = (float*)OwnOperators.Input(context, 0, shape, 4),
            Kernel = (float*)OwnOperators.Input(context, 1, kernelShape, 4),
            Bias = (float*)OwnOperators.Input(context, 2, biasShape, 1),
        };
        var (channels, height, width) = isPlanar ? (shape[1], shape[2], shape[3]) : (shape[3], shape[1], shape[2]);
        (work.Images, work.Height, work.Width) = (checked((int)shape[0]), (int)height, (int)width);
        (work.Channels, work.Filters) = ((int)channels, (int)(kernelShape[1] * kernelShape[3]));

        var outputShape = stackalloc long[4] { work.Images, isPooled ? height / 2 : height, isPooled ? width / 2 : width, work.Filters };
        work.Output = OwnOperators.Output(context, outputShape, 4);

        var scratch = ArrayPool<float>.Shared.Rent(work.ScratchLength);
        try
        {
            fixed (float* memory = scratch)
            {
                work.Begin(memory);
                while (work.Next())
                {
                    OrtFunctions.Check(OrtFunctions.ParallelFor(context, &Transform, (nuint)work.Count, 0, &work));
                    OrtFunctions.Check(OrtFunctions.ParallelFor(context, &Multiply, (nuint)work.Products, 0, &work));
                    OrtFunctions.Check(OrtFunctions.ParallelFor(context, &Collect, (nuint)work.Count, 0, &work));
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }
    }

    [UnmanagedCallersOnly]
    private static void Transform(void* work, nuint tile) => ((WinogradConvolution*)work)->Transform((int)tile);

    [UnmanagedCallersOnly]
    private static void Multiply(void* work, nuint item) => ((WinogradConvolution*)work)->Multiply((int)item);

    [UnmanagedCallersOnly]
    private static void Collect(void* work, nuint tile) => ((WinogradConvolution*)work)->Collect((int)tile);
}

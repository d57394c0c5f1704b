using System.Runtime.InteropServices;
using TransferKit.Onnx.Winograd;

namespace TransferKit.Onnx.Float16;

/// <summary><see cref="Float16Product"/> as an operator of ONNX Runtime, on its threads: inputs are the vectors, the kernel and the bias.</summary>
internal static unsafe class Float16DenseOperator
{
    public const string Name = "Float16Dense";

    private static readonly byte* NativeName = OwnOperators.Permanent(Name);

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
    private static int GetInputType(nint op, nuint index) => index == 1 ? OwnOperators.Float16 : OwnOperators.Float;

    // It has no state, but a kernel may not be null.
    [UnmanagedCallersOnly]
    private static nint CreateKernel(nint op, nint api, nint info, nint* kernel)
    {
        *kernel = 1;
        return 0;
    }

    // No exception may leave it: the caller is native.
    [UnmanagedCallersOnly]
    private static nint Compute(nint kernel, nint context)
    {
        try
        {
            Compute(context);
            return 0;
        }
        catch (Exception e)
        {
            return OwnOperators.Failure(e);
        }
    }

    private static void Compute(nint context)
    {
        var shape = stackalloc long[2];
        var kernelShape = stackalloc long[3];
        var biasShape = stackalloc long[1];
        var work = new Float16Product
        {
            Input = (float*)OwnOperators.Input(context, 0, shape, 2),
            Kernel = (short*)OwnOperators.Input(context, 1, kernelShape, 3),
            Bias = (float*)OwnOperators.Input(context, 2, biasShape, 1),
        };
        (work.Rows, work.Inputs, work.Units) = (checked((int)shape[0]), (int)shape[1], (int)biasShape[0]);
        var outputShape = stackalloc long[2] { work.Rows, work.Units };
        work.Output = OwnOperators.Output(context, outputShape, 2);
        OrtFunctions.Check(OrtFunctions.ParallelFor(context, &Run, (nuint)kernelShape[0], 0, &work));
    }

    [UnmanagedCallersOnly]
    private static void Run(void* work, nuint panel) => ((Float16Product*)work)->Run((int)panel);
}

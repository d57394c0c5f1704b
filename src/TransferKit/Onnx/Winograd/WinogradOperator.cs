using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace TransferKit.Onnx.Winograd;

/// <summary>
/// <see cref="WinogradConvolution"/> as an operator of ONNX Runtime, on its threads: inputs are the map, the transformed kernel
/// and the bias.
/// </summary>
internal static unsafe class WinogradOperator
{
    public const string Domain = "TransferKit";
    public const string Name = "WinogradConv";
    public const string Padding = "padding";
    public const string IsRectified = "rectified";

    private const int Float = 1;
    private const int Fail = 1;

    private static readonly byte* NativeName = Permanent(Name);
    private static readonly byte* PaddingName = Permanent(Padding);
    private static readonly byte* RectifiedName = Permanent(IsRectified);
    private static readonly nint OwnDomain = CreateDomain();

    /// <summary>Makes the operator known to sessions of these options.</summary>
    /// <exception cref="EngineException">ONNX Runtime does not take it.</exception>
    public static void AddTo(SessionOptions options) => OrtFunctions.Check(OrtFunctions.AddCustomOpDomain(options.DangerousGetHandle(), OwnDomain));

    // Sessions refer to both for as long as they live, so both stay for as long as the process does.
    private static nint CreateDomain()
    {
        nint domain;
        OrtFunctions.Check(OrtFunctions.CreateCustomOpDomain(Permanent(Domain), &domain));
        var callbacks = (Callbacks*)NativeMemory.AllocZeroed((nuint)sizeof(Callbacks));
        callbacks->Version = OrtFunctions.Version;
        callbacks->GetName = &GetName;
        callbacks->GetExecutionProvider = &GetExecutionProvider;
        callbacks->GetInputType = &GetType;
        callbacks->GetInputCount = &GetInputCount;
        callbacks->GetOutputType = &GetType;
        callbacks->GetOutputCount = &GetOutputCount;
        callbacks->DestroyKernel = &DestroyKernel;
        callbacks->GetInputCharacteristic = &GetRequired;
        callbacks->GetOutputCharacteristic = &GetRequired;
        callbacks->GetInputMemory = &GetRequired;
        callbacks->CreateKernel = &CreateKernel;
        callbacks->Compute = &Compute;
        callbacks->GetStartVersion = &GetVersion;
        callbacks->GetEndVersion = &GetVersion;
        OrtFunctions.Check(OrtFunctions.AddToCustomOpDomain(domain, callbacks));
        return domain;
    }

    /// <summary><c>OrtCustomOp</c> of the C API, as of version 17.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Callbacks
    {
        public uint Version;
        public nint CreateKernelWithoutStatus;
        public delegate* unmanaged<nint, byte*> GetName;
        public delegate* unmanaged<nint, byte*> GetExecutionProvider;
        public delegate* unmanaged<nint, nuint, int> GetInputType;
        public delegate* unmanaged<nint, nuint> GetInputCount;
        public delegate* unmanaged<nint, nuint, int> GetOutputType;
        public delegate* unmanaged<nint, nuint> GetOutputCount;
        public nint ComputeWithoutStatus;
        public delegate* unmanaged<nint, void> DestroyKernel;
        public delegate* unmanaged<nint, nuint, int> GetInputCharacteristic;
        public delegate* unmanaged<nint, nuint, int> GetOutputCharacteristic;
        public delegate* unmanaged<nint, nuint, int> GetInputMemory;
        public nint GetVariadicInputMinimum;
        public nint GetVariadicInputIsHomogeneous;
        public nint GetVariadicOutputMinimum;
        public nint GetVariadicOutputIsHomogeneous;
        public delegate* unmanaged<nint, nint, nint, nint*, nint> CreateKernel;
        public delegate* unmanaged<nint, nint, nint> Compute;
        public nint InferShape;
        public delegate* unmanaged<nint, int> GetStartVersion;
        public delegate* unmanaged<nint, int> GetEndVersion;
    }

    [UnmanagedCallersOnly]
    private static byte* GetName(nint op) => NativeName;

    [UnmanagedCallersOnly]
    private static byte* GetExecutionProvider(nint op) => null;

    [UnmanagedCallersOnly]
    private static int GetType(nint op, nuint index) => Float;

    [UnmanagedCallersOnly]
    private static nuint GetInputCount(nint op) => 3;

    [UnmanagedCallersOnly]
    private static nuint GetOutputCount(nint op) => 1;

    // Required, and in the default memory: both are 0.
    [UnmanagedCallersOnly]
    private static int GetRequired(nint op, nuint index) => 0;

    [UnmanagedCallersOnly]
    private static int GetVersion(nint op) => 1;

    // A kernel is its two attributes, as bits of the pointer that ONNX Runtime keeps for it; the third bit is for it not to be null.
    [UnmanagedCallersOnly]
    private static nint CreateKernel(nint op, nint api, nint info, nint* kernel)
    {
        long padding = 0, rectified = 0;
        var status = OrtFunctions.GetAttribute(info, PaddingName, &padding);
        if (status == 0)
            status = OrtFunctions.GetAttribute(info, RectifiedName, &rectified);
        *kernel = (nint)(4 | padding << 1 | rectified);
        return status;
    }

    [UnmanagedCallersOnly]
    private static void DestroyKernel(nint kernel)
    {
    }

    // No exception may leave it: the caller is native.
    [UnmanagedCallersOnly]
    private static nint Compute(nint kernel, nint context)
    {
        try
        {
            Compute(context, padding: (int)(kernel >> 1 & 1), isRectified: (kernel & 1) != 0);
            return 0;
        }
        catch (Exception e)
        {
            fixed (byte* message = Encoding.UTF8.GetBytes(e.Message + '\0'))
                return OrtFunctions.CreateStatus(Fail, message);
        }
    }

    private static void Compute(nint context, int padding, bool isRectified)
    {
        var shape = stackalloc long[4];
        var kernelShape = stackalloc long[4];
        var work = new WinogradConvolution { Padding = padding, IsRectified = isRectified, Input = Input(context, 0, shape), Kernel = Input(context, 1, kernelShape), Bias = Input(context, 2, null) };
        (work.Images, work.Channels, work.Height, work.Width) = (checked((int)shape[0]), (int)shape[1], (int)shape[2], (int)shape[3]);
        work.Filters = (int)(kernelShape[0] * kernelShape[3]);

        var outputShape = stackalloc long[4] { work.Images, work.Filters, work.OutputHeight, work.OutputWidth };
        nint output;
        OrtFunctions.Check(OrtFunctions.GetOutput(context, 0, outputShape, 4, &output));
        OrtFunctions.Check(OrtFunctions.GetTensorMutableData(output, &work.Output));

        // How many threads the session has, the context does not say.
        var scratch = ArrayPool<float>.Shared.Rent(work.Divide(Environment.ProcessorCount) + WinogradConvolution.Lanes);
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

    private static float* Input(nint context, int index, long* shape)
    {
        nint value;
        float* data;
        OrtFunctions.Check(OrtFunctions.GetInput(context, (nuint)index, &value));
        OrtFunctions.Check(OrtFunctions.GetTensorMutableData(value, &data));
        if (shape is not null)
        {
            nint info;
            OrtFunctions.Check(OrtFunctions.GetTensorTypeAndShape(value, &info));
            var status = OrtFunctions.GetDimensions(info, shape, 4);
            OrtFunctions.ReleaseTensorTypeAndShape(info);
            OrtFunctions.Check(status);
        }
        return data;
    }

    [UnmanagedCallersOnly]
    private static void Transform(void* work, nuint item) => ((WinogradConvolution*)work)->Transform((int)item);

    [UnmanagedCallersOnly]
    private static void Multiply(void* work, nuint item) => ((WinogradConvolution*)work)->Multiply((int)item);

    private static byte* Permanent(string text) => (byte*)Marshal.StringToCoTaskMemUTF8(text);
}

using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace TransferKit.Operators;

/// <summary>
/// Registers this library's custom operators with ONNX Runtime and holds their common callbacks. Unless an operator says otherwise, its
/// inputs are the values, the kernel and the bias, all of floats.
/// </summary>
internal static unsafe class CustomOperators
{
    public const string Domain = "TransferKit";

    /// <summary>ONNX' numbers of the types of tensors.</summary>
    public const int Float = 1;
    public const int Byte = 2;
    public const int SignedByte = 3;
    public const int Int = 6;

    private const int Fail = 1;

    [ThreadStatic]
    private static int t_threads;

    /// <summary>Registers the operators with sessions of these options.</summary>
    /// <exception cref="EngineException">ONNX Runtime cannot register them.</exception>
    public static void AddTo(SessionOptions options) =>
        OrtFunctions.Check(OrtFunctions.AddCustomOpDomain(options.DangerousGetHandle(), Registered.Domain));

    /// <summary>
    /// The number of threads of the session that this thread runs. ONNX Runtime calls an operator on that thread without telling it the
    /// number. Defaults to the number of cores.
    /// </summary>
    public static int Threads
    {
        get => t_threads > 0 ? t_threads : Environment.ProcessorCount;
        set => t_threads = value;
    }

    /// <summary>Creates the common callbacks. Each operator adds its name and the callbacks of its kernel.</summary>
    public static Callbacks* Create()
    {
        var callbacks = (Callbacks*)NativeMemory.AllocZeroed((nuint)sizeof(Callbacks));
        callbacks->Version = OrtFunctions.Version;
        callbacks->GetExecutionProvider = &GetExecutionProvider;
        callbacks->GetInputType = &GetType;
        callbacks->GetInputCount = &GetInputCount;
        callbacks->GetOutputType = &GetType;
        callbacks->GetOutputCount = &GetOutputCount;
        callbacks->DestroyKernel = &DestroyKernel;
        callbacks->GetInputCharacteristic = &GetRequired;
        callbacks->GetOutputCharacteristic = &GetRequired;
        callbacks->GetInputMemory = &GetRequired;
        callbacks->GetStartVersion = &GetVersion;
        callbacks->GetEndVersion = &GetVersion;
        return callbacks;
    }

    /// <summary>Returns an input's numbers and writes its first <paramref name="rank"/> dimensions to <paramref name="shape"/>.</summary>
    public static T* Input<T>(nint context, int index, long* shape, int rank)
        where T : unmanaged
    {
        nint value, info;
        void* data;
        OrtFunctions.Check(OrtFunctions.GetInput(context, (nuint)index, &value));
        OrtFunctions.Check(OrtFunctions.GetTensorMutableData(value, &data));
        OrtFunctions.Check(OrtFunctions.GetTensorTypeAndShape(value, &info));
        var status = OrtFunctions.GetDimensions(info, shape, (nuint)rank);
        OrtFunctions.ReleaseTensorTypeAndShape(info);
        OrtFunctions.Check(status);
        return (T*)data;
    }

    /// <summary>Allocates the output with the given shape.</summary>
    public static T* Output<T>(nint context, long* shape, int rank)
        where T : unmanaged
    {
        nint value;
        void* data;
        OrtFunctions.Check(OrtFunctions.GetOutput(context, 0, shape, (nuint)rank, &value));
        OrtFunctions.Check(OrtFunctions.GetTensorMutableData(value, &data));
        return (T*)data;
    }

    /// <summary>Converts an exception to an error status for native code.</summary>
    public static nint Failure(Exception e)
    {
        fixed (byte* message = Encoding.UTF8.GetBytes(e.Message + '\0'))
            return OrtFunctions.CreateStatus(Fail, message);
    }

    public static byte* Permanent(string text) => (byte*)Marshal.StringToCoTaskMemUTF8(text);

    // The domain and its strings are never freed, because sessions refer to them until they are disposed.
    private static nint CreateDomain()
    {
        nint domain;
        OrtFunctions.Check(OrtFunctions.CreateCustomOpDomain(Permanent(Domain), &domain));
        OrtFunctions.Check(OrtFunctions.AddToCustomOpDomain(domain, WinogradOperator.Create()));
        OrtFunctions.Check(OrtFunctions.AddToCustomOpDomain(domain, ByteConvolutionOperator.CreateOfImage()));
        OrtFunctions.Check(OrtFunctions.AddToCustomOpDomain(domain, ByteConvolutionOperator.CreateDepthwise()));
        return domain;
    }

    // A class of its own, because models without custom operators only set the threads.
    private static class Registered
    {
        public static readonly nint Domain = CreateDomain();
    }

    /// <summary>The structure <c>OrtCustomOp</c> of version 17 of the C API.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Callbacks
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
    private static byte* GetExecutionProvider(nint op) => null;

    [UnmanagedCallersOnly]
    private static nuint GetInputCount(nint op) => 3;

    [UnmanagedCallersOnly]
    private static int GetType(nint op, nuint index) => Float;

    [UnmanagedCallersOnly]
    private static nuint GetOutputCount(nint op) => 1;

    // The value 0 means a required input or output, and also the default memory.
    [UnmanagedCallersOnly]
    private static int GetRequired(nint op, nuint index) => 0;

    [UnmanagedCallersOnly]
    private static int GetVersion(nint op) => 1;

    [UnmanagedCallersOnly]
    private static void DestroyKernel(nint kernel)
    {
    }
}

namespace TransferKit;

/// <summary>
/// Specifies the processor that runs a network. Every device but the CPU needs a build of ONNX Runtime that has its execution provider,
/// which the application references as a package.
/// </summary>
public enum ExecutionDevice
{
    /// <summary>The CPU, with operators of TransferKit's own.</summary>
    Cpu,

    /// <summary>
    /// The first NVIDIA GPU, through CUDA and cuDNN. Package: <c>Microsoft.ML.OnnxRuntime.Gpu</c>, on Linux and Windows. Products are
    /// computed in 32 bits, not in TF32.
    /// </summary>
    Cuda,

    /// <summary>
    /// The first GPU of DirectX 12. Package: <c>Microsoft.ML.OnnxRuntime.DirectML</c>, on Windows. It runs one batch at a time.
    /// </summary>
    DirectML,

    /// <summary>
    /// Apple's Core ML, on macOS. The package <c>Microsoft.ML.OnnxRuntime</c>, which TransferKit references, has it there.
    /// </summary>
    CoreML,
}

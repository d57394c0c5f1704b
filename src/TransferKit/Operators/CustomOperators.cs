using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Common;

namespace TransferKit.Operators;

/// <summary>Registers this library's custom operators with ONNX Runtime.</summary>
internal static unsafe class CustomOperators
{
    public const string Domain = "TransferKit";

    [ThreadStatic]
    private static int t_threads;

    /// <summary>
    /// Whether this processor has what the operators on floats use: vectors of 512 bits, or of 256 bits with fused products.
    /// </summary>
    public static bool AreSupported => Vector512.IsHardwareAccelerated || Fma.IsSupported && Avx2.IsSupported;

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
        get => t_threads > 0 ? t_threads : ProcessorCores.Count;
        set => t_threads = value;
    }

    // The domain and its operators are never freed, because sessions refer to them until they are disposed.
    private static nint CreateDomain()
    {
        nint domain;
        OrtFunctions.Check(OrtFunctions.CreateCustomOpDomain(CustomOperator.Permanent(Domain), &domain));
        CustomOperator*[] operators =
        [
            WinogradOperator.Create(), BlockedDepthwiseOperator.Create(), BlockedDepthwiseOperator.CreateExpanding(),
            BlockedGateOperator.Create(), BiasGeluOperator.Create(),
            ByteConvolutionOperator.CreateOfImage(), ByteConvolutionOperator.CreateDepthwise(),
        ];
        foreach (var added in operators)
            OrtFunctions.Check(OrtFunctions.AddToCustomOpDomain(domain, added));
        return domain;
    }

    // A class of its own, because models without custom operators only set the threads.
    private static class Registered
    {
        public static readonly nint Domain = CreateDomain();
    }
}

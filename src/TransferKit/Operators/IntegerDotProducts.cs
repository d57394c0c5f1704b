using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;

namespace TransferKit.Operators;

/// <summary>What a processor has for sums of products of bytes.</summary>
internal static class IntegerDotProducts
{
    /// <summary>
    /// AVX2 and AVX-512 add pairs of products in 16 bits, which overflow, unless the processor has VNNI. ONNX Runtime
    /// has slower kernels that are right there.
    /// </summary>
    public static void ChooseKernels(SessionOptions options)
    {
        if (X86Base.IsSupported && !HasVnni())
            options.AddSessionConfigEntry("session.x64quantprecision", "1");
    }

    private static bool HasVnni()
    {
        const int Features = 7;
        if (X86Base.CpuId(0, 0).Eax < Features)
            return false;
        var (leaves, _, ecx, _) = X86Base.CpuId(Features, 0);
        var avx512Vnni = (ecx & 1 << 11) != 0;
        var avxVnni = leaves >= 1 && (X86Base.CpuId(Features, 1).Eax & 1 << 4) != 0;
        return avx512Vnni || avxVnni;
    }
}

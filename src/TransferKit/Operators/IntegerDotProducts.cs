using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;

namespace TransferKit.Operators;

/// <summary>Chooses ONNX Runtime's int8 kernels by the processor's instructions for dot products of bytes.</summary>
internal static class IntegerDotProducts
{
    /// <summary>
    /// Selects ONNX Runtime's precise kernels on x86 processors without VNNI. There, the default kernels add pairs of products in
    /// 16 bits, which may overflow.
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

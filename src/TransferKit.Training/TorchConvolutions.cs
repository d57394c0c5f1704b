using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using TransferKit.Common;

namespace TransferKit.Training;

/// <summary>
/// Keeps libtorch from kernels that convolve wrongly. oneDNN, by which libtorch convolves, has kernels for AVX and newer that are wrong in
/// libtorch 2.10 for many shapes: garbage, NaN, or a signal that ends the process. Those for SSE 4.1 are right.
/// </summary>
internal static class TorchConvolutions
{
    /// <summary>Limits oneDNN's kernels, unless the user has set the variable.</summary>
    /// <remarks>
    /// oneDNN reads the variable at its first convolution. A module initializer runs before any other code of this assembly, and so before
    /// this library convolves.
    /// </remarks>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255",
        Justification = "The caller's code may convolve with TorchSharp too, and right numbers must not depend on the order of the calls.")]
    internal static void SetVariable() => NativeEnvironment.SetDefault("ONEDNN_MAX_CPU_ISA", "SSE41");
}

using Microsoft.ML.OnnxRuntime;
using TransferKit.Common;

namespace TransferKit.Backbones;

/// <summary>Prepares a process for its first run while a session opens, which leaves a core idle.</summary>
internal static class FirstRun
{
    /// <summary>Has the code between an image's pixels and the session compiled, which otherwise happens in the first run.</summary>
    /// <param name="mode">The preprocessing of the images.</param>
    public static void Prepare(PreprocessMode mode)
    {
        const int Pixel = 3;
        var rented = BufferPool.Floats.Rent(Pixel);
        Preprocess.ToPlanar(stackalloc byte[Pixel], rented.AsSpan(0, Pixel), 1, 1, 1, mode);
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, rented.AsMemory(0, Pixel), [1, Pixel, 1, 1]).Dispose();
        BufferPool.Floats.Return(rented);
    }
}

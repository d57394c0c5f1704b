using System.Buffers;

namespace TransferKit.Common;

/// <summary>
/// Large arrays that one image leaves to the next, whatever thread it is on. The runtime's shared pool keeps some for every
/// thread, so that they are made anew and lie in no cache when work moves between threads. What a giant
/// picture takes is not kept.
/// </summary>
internal static class LentMemory
{
    /// <summary>The largest array that a pool keeps, in bytes.</summary>
    public const int LargestKept = 1 << 26;

    private static readonly int Kept = 4 * (Environment.ProcessorCount + 1);

    public static ArrayPool<byte> Bytes { get; } = ArrayPool<byte>.Create(LargestKept, Kept);

    public static ArrayPool<float> Floats { get; } = ArrayPool<float>.Create(LargestKept / sizeof(float), Kept);
}

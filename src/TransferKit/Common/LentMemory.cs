using System.Buffers;

namespace TransferKit.Common;

/// <summary>
/// Provides array pools that all threads share. The runtime's shared pool caches per thread, so work that moves between threads would
/// allocate again. Arrays above <see cref="LargestKept"/> are not pooled.
/// </summary>
internal static class LentMemory
{
    /// <summary>The largest array that a pool retains, in bytes.</summary>
    public const int LargestKept = 1 << 26;

    private static readonly int Kept = 4 * (Environment.ProcessorCount + 1);

    public static ArrayPool<byte> Bytes { get; } = ArrayPool<byte>.Create(LargestKept, Kept);

    public static ArrayPool<float> Floats { get; } = ArrayPool<float>.Create(LargestKept / sizeof(float), Kept);
}

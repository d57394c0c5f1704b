using System.Buffers;

namespace TransferKit.Common;

/// <summary>
/// Provides array pools that all threads share. The runtime's shared pool caches per thread, so work that moves between threads would
/// allocate again. Arrays above <see cref="LargestPooled"/> are not pooled.
/// </summary>
internal static class BufferPool
{
    /// <summary>The largest array that a pool retains, in bytes.</summary>
    public const int LargestPooled = 1 << 26;

    private static readonly int ArraysPerSize = 4 * (Environment.ProcessorCount + 1);

    public static ArrayPool<byte> Bytes { get; } = ArrayPool<byte>.Create(LargestPooled, ArraysPerSize);

    public static ArrayPool<float> Floats { get; } = ArrayPool<float>.Create(LargestPooled / sizeof(float), ArraysPerSize);
}

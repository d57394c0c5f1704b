namespace TransferKit.Operators;

/// <summary>A line of the cache. Vectors that cross two lines load more slowly, so memory for them begins at one.</summary>
internal static unsafe class CacheLine
{
    public const int Bytes = 64;
    public const int Floats = Bytes / sizeof(float);

    /// <summary>Rounds an address up to a line.</summary>
    public static float* Align(float* memory) => (float*)(((nint)memory + Bytes - 1) & -Bytes);
}

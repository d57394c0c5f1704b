using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TransferKit.Imaging;

/// <summary>Weights at a fixed address, either as they are or split for 16-bit multiplication.</summary>
/// <remarks>Disposed of once.</remarks>
internal readonly unsafe struct PackedWeights : IDisposable
{
    /// <summary>Bits in the low part of a split weight.</summary>
    public const int LowBits = 11;

    private readonly int[] first;
    private readonly int[] count;
    private readonly int stride;
    private readonly int* values;

    private PackedWeights(ResampleWeights weights, int* values)
    {
        Positions = weights.Positions;
        first = weights.First;
        count = weights.Count;
        stride = weights.Stride;
        this.values = values;
    }

    public int Positions { get; }

    public int First(int position) => first[position];

    public int Count(int position) => count[position];

    /// <summary>The end of the source positions that an output position draws on.</summary>
    public int End(int position) => first[position] + count[position];

    /// <summary>The weights of one output position, zero from <see cref="Count"/> up to a multiple of the block.</summary>
    public int* Values(int position) => values + ((nint)position * stride);

    public static PackedWeights Whole(ResampleWeights weights)
    {
        var length = weights.Positions * weights.Stride;
        var values = Allocate(length);
        weights.Values.AsSpan(0, length).CopyTo(new Span<int>(values, length));
        return new PackedWeights(weights, values);
    }

    /// <summary>
    /// Each block of four weights becomes eight 16-bit numbers in the same space: four low parts, 0 to 2047, then four
    /// high parts with the sign. 22 fractional bits and a sign do not fit 16 bits, two such halves do, so that pairs of
    /// products can be summed by one instruction and the result is still exact: weight = high x 2048 + low.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static PackedWeights Split(ResampleWeights weights)
    {
        var whole = weights.Values.AsSpan(0, weights.Positions * weights.Stride);
        var values = Allocate(whole.Length);
        var halves = (short*)values;
        for (var i = 0; i < whole.Length; i++)
        {
            var at = (i / ResampleWeights.Block * 2 * ResampleWeights.Block) + (i % ResampleWeights.Block);
            halves[at] = (short)(whole[i] & ((1 << LowBits) - 1));
            halves[at + ResampleWeights.Block] = (short)(whole[i] >> LowBits);
        }
        return new PackedWeights(weights, values);
    }

    public void Dispose()
    {
        NativeMemory.Free(values);
        ArrayPool<int>.Shared.Return(first);
        ArrayPool<int>.Shared.Return(count);
    }

    private static int* Allocate(int count) => (int*)NativeMemory.Alloc((nuint)count, sizeof(int));
}

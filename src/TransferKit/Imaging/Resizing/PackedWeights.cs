using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TransferKit.Imaging.Resizing;

/// <summary>Represents weights at a fixed address, whole or split for multiplications of fewer bits.</summary>
/// <remarks>The struct must be disposed exactly once.</remarks>
internal readonly unsafe struct PackedWeights : IDisposable
{
    /// <summary>The number of bits in the low part of a split weight.</summary>
    public const int LowBits = 11;

    /// <summary>The number of weights whose parts are together.</summary>
    public const int Block = ResampleWeights.Block;

    private readonly int[] _first;
    private readonly int[] _count;
    private readonly int _stride;
    private readonly int* _values;

    private PackedWeights(ResampleWeights weights)
    {
        Positions = weights.Positions;
        _first = weights.First;
        _count = weights.Count;
        _stride = weights.Stride;
        _values = weights.Values;
    }

    public int Positions { get; }

    public int First(int position) => _first[position];

    public int Count(int position) => _count[position];

    /// <summary>Returns the end of the source positions that contribute to an output position.</summary>
    public int End(int position) => _first[position] + _count[position];

    /// <summary>
    /// Returns the weights of one output position, padded with zeros from <see cref="Count"/> to a multiple of the block, and to the most
    /// of any position.
    /// </summary>
    public int* Values(int position) => _values + ((nint)position * _stride);

    public static PackedWeights Whole(ResampleWeights weights) => new(weights);

    /// <summary>
    /// Splits each block of four weights into eight 16-bit numbers in place: four low parts, 0 to 2047, then four signed high parts. The
    /// weight is high x 2048 + low. 22 fractional bits and a sign do not fit 16 bits, but two halves do. One instruction then sums pairs of
    /// products, and the result is still exact.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static PackedWeights Split(ResampleWeights weights)
    {
        var whole = stackalloc int[Block];
        var end = weights.Values + ((nint)weights.Positions * weights.Stride);
        for (var block = weights.Values; block < end; block += Block)
        {
            var halves = (short*)block;
            new ReadOnlySpan<int>(block, Block).CopyTo(new(whole, Block));
            for (var i = 0; i < Block; i++)
            {
                halves[i] = (short)(whole[i] & ((1 << LowBits) - 1));
                halves[i + Block] = (short)(whole[i] >> LowBits);
            }
        }
        return new PackedWeights(weights);
    }

    /// <summary>
    /// Splits each block of four weights into sixteen bytes in place: four lowest digits, four middle ones, four highest ones and four
    /// bytes without meaning. Digits have base 256, -128 to 127. Three of them reach 1.99, and no weight reaches 1.5.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static PackedWeights Digits(ResampleWeights weights)
    {
        var whole = stackalloc int[Block];
        var end = weights.Values + ((nint)weights.Positions * weights.Stride);
        for (var block = weights.Values; block < end; block += Block)
        {
            var digits = (sbyte*)block;
            new ReadOnlySpan<int>(block, Block).CopyTo(new(whole, Block));
            for (var i = 0; i < Block; i++)
            {
                digits[i] = (sbyte)whole[i];
                var rest = (whole[i] - digits[i]) >> 8;
                digits[i + Block] = (sbyte)rest;
                digits[i + (2 * Block)] = (sbyte)((rest - digits[i + Block]) >> 8);
            }
        }
        return new PackedWeights(weights);
    }

    public void Dispose()
    {
        NativeMemory.Free(_values);
        ArrayPool<int>.Shared.Return(_first);
        ArrayPool<int>.Shared.Return(_count);
    }
}

using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Represents a table of the next one or two AC coefficients of a sequential scan, by the next bits. Most codes are so short that these
/// bits hold two of them with their numbers, or one and the end of the block.
/// </summary>
internal unsafe struct CoefficientPairs
{
    private const int FirstStep = 8;
    private const int FirstNumber = 16;
    private const int SecondStep = 32;
    private const int FirstLength = 40;
    private const int SecondNumber = 48;

    private fixed ulong _pairs[1 << HuffmanTable.LookupBits];

    /// <summary>
    /// Looks up the next bits, the highest first. The lowest byte of the result counts the bits of both coefficients. The result is zero
    /// if the first one has more bits than the table, or an invalid code.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Find(ulong bits) => _pairs[bits >> (64 - HuffmanTable.LookupBits)];

    /// <summary>Returns the step to the first coefficient, or <see cref="HuffmanTable.EndOfBlock"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StepOfFirst(ulong pair) => (byte)(pair >> FirstStep);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NumberOfFirst(ulong pair) => (short)(pair >> FirstNumber);

    /// <summary>Returns the number of bits of the first coefficient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LengthOfFirst(ulong pair) => (byte)(pair >> FirstLength);

    /// <summary>
    /// Returns the step from the first coefficient to the second, or <see cref="HuffmanTable.EndOfBlock"/>. It is zero if the second one
    /// is the first again.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StepOfSecond(ulong pair) => (byte)(pair >> SecondStep);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NumberOfSecond(ulong pair) => (short)(pair >> SecondNumber);

    /// <param name="codes">Table of the codes.</param>
    public void Build(HuffmanTable* codes)
    {
        for (var i = 0; i < 1 << HuffmanTable.LookupBits; i++)
        {
            _pairs[i] = Pair(codes, (ulong)i << (64 - HuffmanTable.LookupBits));
        }
    }

    private static ulong Pair(HuffmanTable* codes, ulong bits)
    {
        if (!codes->TryFindWithin(bits, HuffmanTable.LookupBits, out var first))
        {
            return 0;
        }
        var (length, step, number) = ((int)(byte)first, (byte)(first >> 16), BitBuffer.Number(bits, first));
        var (all, nextStep, nextNumber) = (length, 0, number);
        if (step != HuffmanTable.EndOfBlock && codes->TryFindWithin(bits << length, HuffmanTable.LookupBits - length, out var second))
        {
            (all, nextStep, nextNumber) = (length + (byte)second, (byte)(second >> 16), BitBuffer.Number(bits << length, second));
        }
        return (uint)all | ((ulong)step << FirstStep) | ((ulong)(ushort)number << FirstNumber) | ((ulong)nextStep << SecondStep)
            | ((ulong)length << FirstLength) | ((ulong)(ushort)nextNumber << SecondNumber);
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Reads the first bits of DC coefficients, before any other bits of the blocks.</summary>
internal readonly unsafe struct FirstDc : IBlockCoding
{
    public static bool HasNoBits(in JpegScanHeader scan, JpegComponent component, short* block) => false;

    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
        new Span<short>(block, Coefficients.Count).Clear();
        *component.NonZeroOf(block) = 0;
        reader.Bits.Refill();
        var found = reader.Bits.Find(component.Dc);
        component.Predictor += reader.Bits.Number(found);
        reader.Bits.Skip(found);
        var dc = component.Predictor << scan.LowBit;
        block[0] = (short)dc;
        return found != HuffmanTable.Wrong && dc == (short)dc;
    }
}

/// <summary>Reads one more bit of DC coefficients.</summary>
internal readonly unsafe struct MoreDc : IBlockCoding
{
    public static bool HasNoBits(in JpegScanHeader scan, JpegComponent component, short* block) => false;

    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
        block[0] |= (short)(reader.Bits.Take(1) << scan.LowBit);
        return true;
    }
}

/// <summary>Reads the first bits of AC coefficients.</summary>
internal readonly unsafe struct FirstAc : IBlockCoding
{
    public static bool HasNoBits(in JpegScanHeader scan, JpegComponent component, short* block) => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
        var bits = reader.Bits;
        var table = component.Ac;
        var steps = component.Quantisers->Steps;
        var (last, lowBit) = (scan.Last, scan.LowBit);
        var nonZero = 0UL;
        for (var at = scan.First; at <= last; at++)
        {
            bits.Refill();
            var found = bits.Find(table);
            var (number, run, size) = (bits.Number(found), (int)(byte)(found >> 16), 63 - (int)(found >> 24));
            bits.Skip(found);
            if (found == HuffmanTable.Wrong)
            {
                return false;
            }
            if (size == 0 && run < 15)
            {
                blocksToEnd = (1 << run) - 1 + bits.Take(run);
                break;
            }
            at += run;
            if (at > last)
            {
                return false;
            }
            var coefficient = number << lowBit;
            if (coefficient != (short)coefficient)
            {
                return false;
            }
            block[steps[at] >> 16] = (short)coefficient;
            nonZero |= (coefficient != 0 ? 1UL : 0UL) << at;
        }
        *component.NonZeroOf(block) |= nonZero;
        reader.Bits = bits;
        return true;
    }
}

/// <summary>Reads one more bit of AC coefficients, and new coefficients that consist of that bit alone.</summary>
internal readonly unsafe struct MoreAc : IBlockCoding
{
    public static bool HasNoBits(in JpegScanHeader scan, JpegComponent component, short* block) =>
        (*component.NonZeroOf(block) & scan.Band) == 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
        var bits = reader.Bits;
        var table = component.Ac;
        var steps = component.Quantisers->Steps;
        var (at, last, bit, band) = (scan.First, scan.Last, 1 << scan.LowBit, scan.Band);
        var nonZero = component.NonZeroOf(block);
        // These coefficients of the scan were already not zero before it.
        var (known, added) = (*nonZero & band, 0UL);
        while (blocksToEnd == 0 && at <= last)
        {
            bits.Refill();
            var found = bits.Find(table);
            var (number, run, size) = (bits.Number(found), (int)(byte)(found >> 16), 63 - (int)(found >> 24));
            bits.Skip(found);
            if (found == HuffmanTable.Wrong || size > 1)
            {
                return false;
            }
            if (size == 0 && run < 15)
            {
                blocksToEnd = (1 << run) + bits.Take(run);
                break;
            }
            // The run counts zeros only, so coefficients that are already not zero are skipped with them.
            var place = Place(~known & band & (ulong.MaxValue << at), run);
            if (place > last)
            {
                return false;
            }
            Correct(ref bits, block, steps, known & (ulong.MaxValue << at) & ~(ulong.MaxValue << place), bit);
            block[steps[place] >> 16] = (short)(number * bit);
            added |= (ulong)size << place;
            at = place + 1;
        }
        if (blocksToEnd > 0)
        {
            if (at <= last)
            {
                Correct(ref bits, block, steps, known & (ulong.MaxValue << at), bit);
            }
            blocksToEnd--;
        }
        *nonZero |= added;
        reader.Bits = bits;
        return true;
    }

    /// <summary>Returns the position of a set bit by the number of set bits below it, or 64 if there are no more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place(ulong zeros, int run)
    {
        // Some processors without vectors of 512 bits take hundreds of cycles for this instruction.
        if (Vector512.IsHardwareAccelerated && Bmi2.X64.IsSupported)
        {
            return BitOperations.TrailingZeroCount(Bmi2.X64.ParallelBitDeposit(1UL << run, zeros));
        }
        for (; run > 0; run--)
        {
            zeros &= zeros - 1;
        }
        return BitOperations.TrailingZeroCount(zeros);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Correct(ref BitBuffer bits, short* block, uint* steps, ulong which, int bit)
    {
        bits.Refill();
        for (var left = BitBuffer.Loaded; which != 0; which &= which - 1)
        {
            if (left-- == 0)
            {
                bits.Refill();
            }
            ref var coefficient = ref block[steps[BitOperations.TrailingZeroCount(which)] >> 16];
            int before = coefficient;
            // As in libjpeg, a bit that is already set stays. The sign is applied without a jump, which no processor could predict.
            var (step, sign) = (-bits.TakeLoaded() & bit & ~before, before >> 31);
            coefficient = (short)(before + ((step ^ sign) - sign));
        }
    }
}

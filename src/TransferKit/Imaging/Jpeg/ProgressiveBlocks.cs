using System.Numerics;
using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Reads the first bits of DC coefficients.</summary>
internal readonly unsafe struct FirstDc : IBlockCoding
{
    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
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
    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
        block[0] |= (short)(reader.Bits.Take(1) << scan.LowBit);
        return true;
    }
}

/// <summary>Reads the first bits of AC coefficients.</summary>
internal readonly unsafe struct FirstAc : IBlockCoding
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
        if (blocksToEnd > 0)
        {
            blocksToEnd--;
            return true;
        }
        var bits = reader.Bits;
        var table = component.Ac;
        var last = scan.Last;
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
            var coefficient = number << scan.LowBit;
            if (coefficient != (short)coefficient)
            {
                return false;
            }
            block[at] = (short)coefficient;
        }
        reader.Bits = bits;
        return true;
    }
}

/// <summary>Reads one more bit of AC coefficients, and new coefficients that consist of that bit alone.</summary>
internal readonly unsafe struct MoreAc : IBlockCoding
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
        var bits = reader.Bits;
        var table = component.Ac;
        var (at, bit) = (scan.First, 1 << scan.LowBit);
        // This mask marks the scan's coefficients that are already not zero.
        var all = (2UL << scan.Last) - 1;
        var known = Coefficients.NonZero(block) & all;
        while (blocksToEnd == 0 && at <= scan.Last)
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
            var zeros = ~known & all & (ulong.MaxValue << at);
            for (; run > 0; run--)
            {
                zeros &= zeros - 1;
            }
            if (zeros == 0)
            {
                return false;
            }
            var place = BitOperations.TrailingZeroCount(zeros);
            Correct(ref bits, block, known & (ulong.MaxValue << at) & ~(ulong.MaxValue << place), bit);
            block[place] = (short)(number * bit);
            at = place + 1;
        }
        if (blocksToEnd > 0)
        {
            if (at <= scan.Last)
            {
                Correct(ref bits, block, known & (ulong.MaxValue << at), bit);
            }
            blocksToEnd--;
        }
        reader.Bits = bits;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Correct(ref BitBuffer bits, short* block, ulong which, int bit)
    {
        for (; which != 0; which &= which - 1)
        {
            ref var coefficient = ref block[BitOperations.TrailingZeroCount(which)];
            // As in libjpeg, a bit that is already set stays.
            var step = -bits.Take(1) & bit & ~coefficient;
            coefficient = (short)(coefficient + (coefficient >= 0 ? step : -step));
        }
    }
}

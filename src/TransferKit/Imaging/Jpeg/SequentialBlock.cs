using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Reads all coefficients of a block and multiplies them by their quantisers.</summary>
internal readonly unsafe struct SequentialBlock : IBlockCoding
{
    private const int Last = Coefficients.Count - 1;

    public static bool HasNoBits(in JpegScanHeader scan, JpegComponent component, short* block) => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
        new Span<short>(block, 64).Clear();
        var bits = reader.Bits;
        bits.Refill();
        var found = bits.Find(component.Dc);
        component.Predictor += bits.Number(found);
        bits.Skip(found);
        var steps = component.Quantisers->Steps;
        var dc = component.Predictor * (ushort)steps[0];
        if (found == HuffmanTable.Wrong || !InverseDct.TakesDc(dc))
        {
            return false;
        }
        block[0] = (short)dc;
        var table = component.Ac;
        var pairs = component.Pairs;
        var (at, largest, step) = (0, 0, 0);
        while (at < Last)
        {
            bits.Refill();
            var pair = bits.Find(pairs);
            if (pair == 0)
            {
                found = bits.Find(table);
                var number = bits.Number(found);
                bits.Skip(found);
                step = (byte)(found >> 16);
                at += step;
                if (at > Last)
                {
                    break;
                }
                Store(block, steps[at], number, ref largest);
                continue;
            }
            step = CoefficientPairs.StepOfFirst(pair);
            at += step;
            if (at >= Last)
            {
                // The block ends here, so the second coefficient is not one.
                bits.Skip((uint)CoefficientPairs.LengthOfFirst(pair));
                if (at == Last)
                {
                    Store(block, steps[at], CoefficientPairs.NumberOfFirst(pair), ref largest);
                }
                break;
            }
            bits.Skip((uint)pair);
            Store(block, steps[at], CoefficientPairs.NumberOfFirst(pair), ref largest);
            step = CoefficientPairs.StepOfSecond(pair);
            at += step;
            if (at > Last)
            {
                break;
            }
            Store(block, steps[at], CoefficientPairs.NumberOfSecond(pair), ref largest);
        }
        if (at > Last && step != HuffmanTable.EndOfBlock)
        {
            return false;
        }
        reader.Bits = bits;
        return InverseDct.TakesAc(largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(short* block, uint step, int number, ref int largest)
    {
        var coefficient = number * (ushort)step;
        block[step >> 16] = (short)coefficient;
        largest |= coefficient + InverseDct.AcBound;
    }
}

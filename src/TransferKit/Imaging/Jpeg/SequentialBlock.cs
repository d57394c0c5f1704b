using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Reads all coefficients of a block and multiplies them by their quantisers.</summary>
internal readonly unsafe struct SequentialBlock : IBlockCoding
{
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
        var (at, largest) = (0, 0);
        while (at < 63)
        {
            bits.Refill();
            found = bits.Find(table);
            var number = bits.Number(found);
            bits.Skip(found);
            var step = (int)(byte)(found >> 16);
            at += step;
            if (at > 63)
            {
                if (step != HuffmanTable.EndOfBlock)
                {
                    return false;
                }
                break;
            }
            var coefficient = number * (ushort)steps[at];
            block[steps[at] >> 16] = (short)coefficient;
            largest |= coefficient + InverseDct.AcBound;
        }
        reader.Bits = bits;
        return InverseDct.TakesAc(largest);
    }
}

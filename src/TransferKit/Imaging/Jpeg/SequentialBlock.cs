namespace TransferKit.Imaging.Jpeg;

/// <summary>A whole block at once. Its coefficients are multiplied by their quantisers right away.</summary>
internal readonly unsafe struct SequentialBlock : IBlockCoding
{
    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
        new Span<short>(block, 64).Clear();
        var (bits, count) = (reader.Bits, reader.Count);
        var from = reader.Next;
        EntropyReader.Refill(ref from, ref bits, ref count);
        var steps = component.Quantisers->Steps;
        var found = component.Dc->Find(bits);
        component.Predictor += EntropyReader.Number(bits, found);
        bits <<= (int)found;
        count -= (byte)found;
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
            EntropyReader.Refill(ref from, ref bits, ref count);
            found = table->Find(bits);
            var number = EntropyReader.Number(bits, found);
            bits <<= (int)found;
            count -= (byte)found;
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
        reader.Next = from;
        (reader.Bits, reader.Count) = (bits, count);
        return InverseDct.TakesAc(largest);
    }
}

namespace TransferKit.Imaging.Jpeg;

/// <summary>The first bits of DC coefficients.</summary>
internal readonly unsafe struct FirstDc : IBlockCoding
{
    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
        var found = reader.Take(component.Dc);
        component.Predictor += EntropyReader.Number(reader.Bits, found);
        reader.Skip((byte)found);
        var dc = component.Predictor << scan.LowBit;
        block[0] = (short)dc;
        return found != HuffmanTable.Wrong && dc == (short)dc;
    }
}

/// <summary>One more bit of DC coefficients.</summary>
internal readonly unsafe struct MoreDc : IBlockCoding
{
    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
        block[0] |= (short)(reader.Take(1) << scan.LowBit);
        return true;
    }
}

/// <summary>The first bits of other coefficients.</summary>
internal readonly unsafe struct FirstAc : IBlockCoding
{
    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
        if (blocksToEnd > 0)
        {
            blocksToEnd--;
            return true;
        }
        for (var at = scan.First; at <= scan.Last; at++)
        {
            var found = reader.Take(component.Ac);
            var (number, run, size) = (EntropyReader.Number(reader.Bits, found), (int)(byte)(found >> 16), 63 - (int)(found >> 24));
            reader.Skip((byte)found);
            if (found == HuffmanTable.Wrong)
            {
                return false;
            }
            if (size == 0 && run < 15)
            {
                blocksToEnd = (1 << run) - 1 + reader.Take(run);
                return true;
            }
            at += run;
            if (at > scan.Last)
            {
                return false;
            }
            var coefficient = number << scan.LowBit;
            if (coefficient != (short)coefficient)
            {
                return false;
            }
            block[component.Quantisers->Steps[at] >> 16] = (short)coefficient;
        }
        return true;
    }
}

/// <summary>One more bit of the other coefficients, and those that are nothing but that bit.</summary>
internal readonly unsafe struct MoreAc : IBlockCoding
{
    public static bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd)
    {
        var at = scan.First;
        while (blocksToEnd == 0 && at <= scan.Last)
        {
            var found = reader.Take(component.Ac);
            var (number, run, size) = (EntropyReader.Number(reader.Bits, found), (int)(byte)(found >> 16), 63 - (int)(found >> 24));
            reader.Skip((byte)found);
            if (found == HuffmanTable.Wrong || size > 1)
            {
                return false;
            }
            if (size == 0 && run < 15)
            {
                blocksToEnd = (1 << run) + reader.Take(run);
                break;
            }
            // So many zeros are passed over, and with them all coefficients that are not zero any more.
            for (; at <= scan.Last; at++)
            {
                var known = block + (component.Quantisers->Steps[at] >> 16);
                if (*known != 0)
                {
                    Correct(ref reader, known, scan.LowBit);
                }
                else if (--run < 0)
                {
                    *known = (short)(number << scan.LowBit);
                    break;
                }
            }
            if (at > scan.Last)
            {
                return false;
            }
            at++;
        }
        if (blocksToEnd > 0)
        {
            for (; at <= scan.Last; at++)
            {
                var known = block + (component.Quantisers->Steps[at] >> 16);
                if (*known != 0)
                {
                    Correct(ref reader, known, scan.LowBit);
                }
            }
            blocksToEnd--;
        }
        return true;
    }

    private static void Correct(ref EntropyReader reader, short* coefficient, int bit)
    {
        if (reader.Take(1) != 0 && (*coefficient & (1 << bit)) == 0)
        {
            *coefficient += (short)(*coefficient >= 0 ? 1 << bit : -1 << bit);
        }
    }
}

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Transforms blocks of damaged pictures, whose numbers may overflow. libjpeg-turbo's kernels for x86, by which Pillow decodes there, keep
/// them in 16 bits: some sums wrap, others saturate. The samples are those of <see cref="InverseDct"/> where nothing overflows.
/// </summary>
internal static unsafe class WrappingInverseDct
{
    private const int Side = 8;

    /// <summary>Transforms a row of adjacent blocks.</summary>
    /// <param name="blocks">Coefficients in zigzag order, not multiplied by their quantisers.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="samples">Target of the first sample of the first block.</param>
    /// <param name="stride">Distance between rows of samples.</param>
    /// <param name="quantisers">Factors and positions of the coefficients.</param>
    public static void Transform(short* blocks, int count, byte* samples, nint stride, Quantiser* quantisers)
    {
        Span<short> block = stackalloc short[Coefficients.Count];
        for (var end = blocks + (Coefficients.Count * count); blocks < end; blocks += Coefficients.Count, samples += Side)
        {
            var isOnlyFirstRow = true;
            for (var i = 0; i < Coefficients.Count; i++)
            {
                var (factor, position) = ((ushort)quantisers->Steps[i], (int)(quantisers->Steps[i] >> 16));
                block[position] = (short)(blocks[i] * factor);
                isOnlyFirstRow &= position < Side || blocks[i] == 0;
            }
            for (var x = 0; x < Side; x++)
            {
                if (isOnlyFirstRow)
                {
                    // A constant column is shifted, which wraps, in place of the pass, which saturates.
                    var constant = (short)(block[x] << InverseDct.FirstPassBits);
                    for (var y = 0; y < Side; y++)
                    {
                        block[(y * Side) + x] = constant;
                    }
                    continue;
                }
                Pass(block[x..], Side, InverseDct.FactorBits - InverseDct.FirstPassBits);
            }
            for (var y = 0; y < Side; y++)
            {
                var row = block.Slice(y * Side, Side);
                Pass(row, 1, InverseDct.FactorBits + InverseDct.FirstPassBits + InverseDct.BothPassesBits);
                for (var x = 0; x < Side; x++)
                {
                    samples[(y * stride) + x] = (byte)(Math.Clamp((int)row[x], sbyte.MinValue, sbyte.MaxValue) + 128);
                }
            }
        }
    }

    /// <summary>Transforms eight values in one dimension and rounds the results to fewer bits. Sums of 32 bits wrap too.</summary>
    private static void Pass(Span<short> values, int step, int shift)
    {
        int in1 = values[step], in2 = values[2 * step], in3 = values[3 * step];
        int in5 = values[5 * step], in6 = values[6 * step], in7 = values[7 * step];
        var half = 1 << (shift - 1);
        var sum = (short)(values[0] + values[4 * step]) << InverseDct.FactorBits;
        var difference = (short)(values[0] - values[4 * step]) << InverseDct.FactorBits;
        var outer = (in2 * (InverseDct.F0541 + InverseDct.F0765)) + (in6 * InverseDct.F0541);
        var inner = (in2 * InverseDct.F0541) + (in6 * (InverseDct.F0541 - InverseDct.F1847));

        int z3 = (short)(in7 + in3), z4 = (short)(in5 + in1);
        var both3 = (z3 * (InverseDct.F1175 - InverseDct.F1961)) + (z4 * InverseDct.F1175);
        var both4 = (z3 * InverseDct.F1175) + (z4 * (InverseDct.F1175 - InverseDct.F0390));
        var odd3 = (in7 * (InverseDct.F0298 - InverseDct.F0899)) - (in1 * InverseDct.F0899) + both3;
        var odd2 = (in5 * (InverseDct.F2053 - InverseDct.F2562)) - (in3 * InverseDct.F2562) + both4;
        var odd1 = (in3 * (InverseDct.F3072 - InverseDct.F2562)) - (in5 * InverseDct.F2562) + both3;
        var odd0 = (in1 * (InverseDct.F1501 - InverseDct.F0899)) - (in7 * InverseDct.F0899) + both4;

        Store(values, step, 0, sum + outer, odd0, half, shift);
        Store(values, step, 1, difference + inner, odd1, half, shift);
        Store(values, step, 2, difference - inner, odd2, half, shift);
        Store(values, step, 3, sum - outer, odd3, half, shift);
    }

    private static void Store(Span<short> values, int step, int at, int even, int odd, int half, int shift)
    {
        values[at * step] = Saturated((even + odd + half) >> shift);
        values[(7 - at) * step] = Saturated((even - odd + half) >> shift);
    }

    private static short Saturated(int value) => (short)Math.Clamp(value, short.MinValue, short.MaxValue);
}

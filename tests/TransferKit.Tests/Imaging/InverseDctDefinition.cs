namespace TransferKit.Tests.Imaging;

/// <summary>Computes the inverse transform of JPEG blocks in libjpeg's integers, without regard to speed.</summary>
internal static class InverseDctDefinition
{
    /// <summary>Computes the samples of adjacent blocks, or returns null if one is further than 511 from the middle.</summary>
    public static byte[]? Transform(short[] blocks, int count)
    {
        var samples = new byte[count * 64];
        for (var block = 0; block < count; block++)
        {
            var values = blocks.Skip(block * 64).Take(64).Select(v => (long)v).ToArray();
            for (var x = 0; x < 8; x++)
                Pass(values, x, 8, 11);
            for (var y = 0; y < 8; y++)
                Pass(values, y * 8, 1, 18);
            for (var i = 0; i < 64; i++)
            {
                if (Math.Abs(values[i]) > 511)
                    return null;
                samples[(i / 8 * 8 * count) + (block * 8) + (i % 8)] = (byte)Math.Clamp(values[i] + 128, 0, 255);
            }
        }
        return samples;
    }

    private static void Pass(long[] values, int at, int step, int shift)
    {
        var v = Enumerable.Range(0, 8).Select(i => values[at + (i * step)]).ToArray();
        var z = (v[2] + v[6]) * 4433;
        var (inner, outer) = (z - (v[6] * 15137), z + (v[2] * 6270));
        var (sum, difference) = ((v[0] + v[4]) << 13, (v[0] - v[4]) << 13);
        long[] even = [sum + outer, difference + inner, difference - inner, sum - outer];

        var z5 = (v[1] + v[3] + v[5] + v[7]) * 9633;
        var (z1, z2) = ((v[7] + v[1]) * -7373, (v[5] + v[3]) * -20995);
        var (z3, z4) = (((v[7] + v[3]) * -16069) + z5, ((v[5] + v[1]) * -3196) + z5);
        long[] odd = [(v[1] * 12299) + z1 + z4, (v[3] * 25172) + z2 + z3, (v[5] * 16819) + z2 + z4, (v[7] * 2446) + z1 + z3];

        for (var i = 0; i < 4; i++)
        {
            values[at + (i * step)] = (even[i] + odd[i] + (1L << (shift - 1))) >> shift;
            values[at + ((7 - i) * step)] = (even[i] - odd[i] + (1L << (shift - 1))) >> shift;
        }
    }
}

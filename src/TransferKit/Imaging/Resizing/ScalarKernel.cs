namespace TransferKit.Imaging.Resizing;

/// <summary>Implements Pillow's resampling one byte at a time, as the reference for the vector kernels.</summary>
internal readonly unsafe struct ScalarKernel : IResampleKernel
{
    public static PackedWeights Pack(ResampleWeights weights) => PackedWeights.Whole(weights);

    public static void Columns(
        byte* source, nint stride, int rows, PackedWeights weights, byte* target, nint targetStride)
    {
        for (var y = 0; y < rows; y++, source += stride, target += targetStride)
        {
            for (var x = 0; x < weights.Positions; x++)
            {
                var values = weights.Values(x);
                var from = source + ((nint)weights.First(x) * 3);
                int red = ResampleWeights.Half, green = red, blue = red;
                for (var i = 0; i < weights.Count(x); i++, from += 3)
                {
                    red += from[0] * values[i];
                    green += from[1] * values[i];
                    blue += from[2] * values[i];
                }
                var to = target + ((nint)x * 3);
                to[0] = Clip(red);
                to[1] = Clip(green);
                to[2] = Clip(blue);
            }
        }
    }

    public static void Row(
        byte* source, nint stride, PackedWeights weights, int index, byte* target, int length)
    {
        var values = weights.Values(index);
        var count = weights.Count(index);
        for (var x = 0; x < length; x++)
        {
            var sum = ResampleWeights.Half;
            for (var i = 0; i < count; i++)
            {
                sum += source[(i * stride) + x] * values[i];
            }
            target[x] = Clip(sum);
        }
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> ResampleWeights.Precision, 0, 255);
}

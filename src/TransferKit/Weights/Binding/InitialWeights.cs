using System.Collections.Immutable;
using TransferKit.Common;
using TransferKit.Graph;

namespace TransferKit.WeightSources.Binding;

/// <summary>
/// Draws the weights of Keras' initializers (<c>weights=None</c>). One seed gives the same weights on every machine. The distributions are
/// Keras'; the numbers differ from those that Keras would draw.
/// </summary>
internal sealed class InitialWeights(int seed) : IWeightSource
{
    // Standard deviation of the standard normal distribution truncated at 2 (Keras: VarianceScaling).
    private const double CutDeviation = 0.87962566103423978;
    private const int Block = 1 << 16;

    // Increase the leading number whenever the algorithm changes, so that compiled models are rebuilt.
    public string Fingerprint => $"initial:1:{seed}";

    public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination)
    {
        var random = new CounterRandom(seed, $"{layer.Name}/{slot.Kind}");
        switch (slot.Initializer)
        {
            case Initializer.Constant constant:
                destination.Fill(constant.Value);
                break;
            case Initializer.TruncatedNormal normal:
                FillTruncatedNormal(random, normal.StdDev, start, destination);
                break;
            case Initializer.VarianceScaling scaling:
                var variance = scaling.Scale / Math.Max(1, Fan(scaling.Mode, slot.Shape));
                if (scaling.Distribution == Distribution.Uniform)
                    FillUniform(random, Math.Sqrt(3 * variance), start, destination);
                else
                    FillTruncatedNormal(random, Math.Sqrt(variance) / CutDeviation, start, destination);
                break;
            default:
                throw new NotSupportedException($"The initializer {slot.Initializer} is not supported.");
        }
    }

    public void Dispose() { }

    /// <summary>
    /// Computes the fan as Keras' <c>compute_fans</c> does, on the raw shape. The fan out of a depthwise kernel, which is (h, w, in,
    /// multiplier), is h * w * multiplier.
    /// </summary>
    private static double Fan(FanMode mode, ImmutableArray<int> shape)
    {
        var field = shape.Length > 2 ? shape.Take(shape.Length - 2).Aggregate(1.0, (product, d) => product * d) : 1;
        var (fanIn, fanOut) = shape.Length switch
        {
            0 => (1.0, 1.0),
            1 => (shape[0], shape[0]),
            _ => (field * shape[^2], field * shape[^1]),
        };
        return mode switch
        {
            FanMode.In => fanIn,
            FanMode.Out => fanOut,
            _ => (fanIn + fanOut) / 2,
        };
    }

    // An integer of 24 bits is exact in a float and is multiplied once, so every machine rounds alike.
    private static void FillUniform(CounterRandom random, double limit, long start, Span<float> destination)
    {
        var scale = (float)(limit / (1 << 23));
        InBlocks(destination, (part, at) =>
        {
            for (var i = 0; i < part.Length; i++)
                part[i] = ((int)(random.At(start + at + i) >> 40) - (1 << 23)) * scale;
        });
    }

    // Rejection sampling: x, uniform within two deviations, is accepted with probability exp(-x²/2). Each index has its own sequence, so
    // that reading in pieces gives the same weights as reading at once.
    private static void FillTruncatedNormal(CounterRandom random, double deviation, long start, Span<float> destination) =>
        InBlocks(destination, (part, at) =>
        {
            for (var i = 0; i < part.Length; i++)
            {
                var bits = random.At(start + at + i);
                var x = Position(bits);
                while (!Stays((uint)bits * (1.0 / (1L << 32)), x * x / 2))
                {
                    bits = CounterRandom.Again(bits);
                    x = Position(bits);
                }
                part[i] = (float)(x * deviation);
            }
        });

    private static double Position(ulong bits) => (int)(bits >> 32) * (2.0 / (1L << 31));

    // Tests height < exp(-t). The bounds 1 - t < exp(-t) < 1 / (1 + t + t²/2) decide most heights without the exponential.
    private static bool Stays(double height, double t) =>
        height < 1 - t || (height * (1 + t + t * t / 2) < 1 && height < ExpOfMinus(t));

    // Computes exp(-t) for t in [0, 2] to 2e-9. It uses only additions and multiplications because the C library's exp differs between
    // machines.
    private static double ExpOfMinus(double t)
    {
        var q = t / 16;
        var e = 1 - q * (1 - q / 2 * (1 - q * (1.0 / 3) * (1 - q / 4 * (1 - q * (1.0 / 5) * (1 - q * (1.0 / 6))))));
        e *= e;
        e *= e;
        e *= e;
        return e * e;
    }

    private delegate void FillPart(Span<float> part, long at);

    private static unsafe void InBlocks(Span<float> destination, FillPart fill)
    {
        if (destination.Length <= Block)
        {
            fill(destination, 0);
            return;
        }
        var length = destination.Length;
        fixed (float* pinned = destination)
        {
            var to = pinned;
            Parallel.For(0, (length - 1) / Block + 1, block =>
            {
                var at = block * Block;
                fill(new Span<float>(to + at, Math.Min(Block, length - at)), at);
            });
        }
    }
}

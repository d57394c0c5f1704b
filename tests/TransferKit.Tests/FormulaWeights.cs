using System.Text;
using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Tests;

/// <summary>
/// Computes the weights and inputs of the goldens without files. <c>u(name, n)</c> is SplitMix64, seeded with the name's
/// FNV-1a hash; it supports any start index, so pieces are filled in parallel.
/// </summary>
/// <param name="gammaLow">The golden's <c>gamma_low</c>.</param>
internal sealed class FormulaWeights(double gammaLow) : IWeightSource
{
    private const int Block = 1 << 16;

    public string Fingerprint => $"formula:{gammaLow:R}";

    public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination)
    {
        if (slot.Kind == "count")
        {
            destination.Clear();
            return;
        }
        Fill($"{Owner(layer, slot)}/{slot.Kind}", start, destination, Rule(slot));
    }

    /// <summary>Creates pixels (n, h, w, RGB) before <c>preprocess_input</c>.</summary>
    public static float[] Input(int n, int height, int width)
    {
        var pixels = new float[n * height * width * 3];
        Fill("input", 0, pixels, u => (float)Math.Floor(u * 256));
        return pixels;
    }

    public void Dispose() { }

    // Weights inside a Sequential use Keras' names of the inner layers: stem_conv, downsampling_layernorm_0.
    private static string Owner(Layer layer, WeightSlot slot)
    {
        if (layer.Op is not Sequential)
            return layer.Name;
        var inner = slot.Kind is "kernel" or "bias" ? "conv" : "layernorm";
        return layer.Name.Contains("_block_", StringComparison.Ordinal)
            ? layer.Name.Replace("_block_", $"_{inner}_", StringComparison.Ordinal)
            : $"{layer.Name}_{inner}";
    }

    private Func<double, float> Rule(WeightSlot slot)
    {
        return slot.Kind switch
        {
            "kernel" or "pointwise_kernel" => Symmetric(Math.Sqrt(6.0 / slot.Shape.SkipLast(1).Aggregate(1L, (p, d) => p * d))),
            "depthwise_kernel" => Symmetric(Math.Sqrt(6.0 / (slot.Shape[0] * slot.Shape[1]))),
            "gamma" => u => (float)(gammaLow + 0.4 * u),
            "moving_variance" or "variance" => u => (float)(0.5 + u),
            _ => Symmetric(0.1),
        };

        static Func<double, float> Symmetric(double bound) => u => (float)((2 * u - 1) * bound);
    }

    private static unsafe void Fill(string name, long start, Span<float> destination, Func<double, float> map)
    {
        var seed = Fnv1a(name);
        var length = destination.Length;
        fixed (float* pinned = destination)
        {
            var to = pinned;
            Parallel.For(0, (length + Block - 1) / Block, block =>
            {
                for (var i = block * Block; i < Math.Min(length, (block + 1) * Block); i++)
                    to[i] = map(Uniform(seed, start + i));
            });
        }
    }

    private static double Uniform(ulong seed, long index)
    {
        unchecked
        {
            var z = seed + ((ulong)index + 1) * 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
            return (z >> 40) / (double)(1 << 24);
        }
    }

    private static ulong Fnv1a(string text)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var b in Encoding.UTF8.GetBytes(text))
            hash = unchecked((hash ^ b) * 0x100000001b3);
        return hash;
    }
}

using System.Collections.Immutable;
using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Tensors;

/// <summary>
/// A transform <c>scale * x + shift</c> of each channel, in double. Batch normalisations, layer scales and constants are such
/// transforms, so they can be folded into the weights of the linear layer before them.
/// </summary>
internal abstract record ChannelScaling
{
    private ChannelScaling() { }

    /// <summary>Composes this transform after the given one, in place.</summary>
    public abstract void Apply(IWeightSource weights, Span<double> scale, Span<double> shift);

    public sealed record Normalised(Layer Layer, BatchNormalization Op) : ChannelScaling
    {
        public override void Apply(IWeightSource weights, Span<double> scale, Span<double> shift)
        {
            var (gamma, beta) = (Op.Scale ? Read("gamma", weights, Layer) : null, Op.Center ? Read("beta", weights, Layer) : null);
            var (mean, variance) = (Read("moving_mean", weights, Layer), Read("moving_variance", weights, Layer));
            for (var c = 0; c < scale.Length; c++)
            {
                var factor = (gamma?[c] ?? 1.0) / Math.Sqrt(variance[c] + Op.Epsilon);
                scale[c] *= factor;
                shift[c] = (shift[c] - mean[c]) * factor + (beta?[c] ?? 0.0);
            }
        }

        public override string ToString() => $"{Layer.Name}, epsilon {Op.Epsilon:R}, scale {Op.Scale}, center {Op.Center}";
    }

    public sealed record Scaled(Layer Layer) : ChannelScaling
    {
        public override void Apply(IWeightSource weights, Span<double> scale, Span<double> shift)
        {
            var gamma = Read("gamma", weights, Layer);
            for (var c = 0; c < scale.Length; c++)
                (scale[c], shift[c]) = (scale[c] * gamma[c], shift[c] * gamma[c]);
        }

        public override string ToString() => Layer.Name;
    }

    public sealed record Constant(double Factor) : ChannelScaling
    {
        public override void Apply(IWeightSource weights, Span<double> scale, Span<double> shift)
        {
            for (var c = 0; c < scale.Length; c++)
                (scale[c], shift[c]) = (scale[c] * Factor, shift[c] * Factor);
        }

        public override string ToString() => $"{Factor:R}";
    }

    /// <summary>Composes all transforms, in order.</summary>
    public static (double[] Scale, double[] Shift) Combine(ImmutableArray<ChannelScaling> scalings, IWeightSource weights, int channels)
    {
        var (scale, shift) = (new double[channels], new double[channels]);
        scale.AsSpan().Fill(1);
        foreach (var scaling in scalings)
            scaling.Apply(weights, scale, shift);
        return (scale, shift);
    }

    private static float[] Read(string kind, IWeightSource weights, Layer layer)
    {
        var slot = layer.Weights.First(w => w.Kind == kind);
        var values = new float[slot.Count];
        weights.Read(layer, slot, 0, values);
        return values;
    }
}

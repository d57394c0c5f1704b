using TransferKit.Onnx.Tensors;
using TransferKit.WeightSources;

namespace TransferKit.Quantization;

/// <summary>
/// The scale of each output channel of a kernel, by which its largest weight becomes 127: <c>weight = int8 * scale</c>.
/// </summary>
/// <param name="kernel">The kernel in floats.</param>
/// <param name="axis">Which of its dimensions counts output channels.</param>
/// <param name="bias">Its bias, which is kept as int32 in units of the scale times <paramref name="inputScale"/>.</param>
/// <param name="inputScale">The scale of what the kernel is multiplied with.</param>
internal sealed class ChannelScales(WeightTensor kernel, int axis, WeightTensor? bias, float inputScale)
{
    // Of int32's range, what a bias may fill: sums of products come on top.
    private const double LargestBias = 1 << 30;

    private (IWeightSource Weights, float[] Scales) _last;

    public WeightTensor Kernel => kernel;
    public int Channels { get; } = (int)kernel.Dimensions[axis];
    public float InputScale => inputScale;

    /// <summary>All that the scales follow from, but for the weights.</summary>
    public string Recipe => FormattableString.Invariant($"{kernel.Recipe} along {axis} and {bias?.Recipe ?? "no bias"} for an input of {inputScale:R}");

    public float[] Of(IWeightSource weights)
    {
        if (_last.Weights == weights)
            return _last.Scales;
        var largest = new float[Channels];
        ReadKernel(weights, (channel, values) =>
        {
            foreach (var value in values)
                largest[channel] = Math.Max(largest[channel], Math.Abs(value));
        });
        var offsets = bias is null ? new float[Channels] : FloatReader.ReadAll(bias, weights);
        var scales = new float[Channels];
        for (var c = 0; c < Channels; c++)
        {
            // A channel of tiny weights and a bias that is not: the bias must fit too.
            var scale = Math.Max(largest[c] / sbyte.MaxValue, Math.Abs(offsets[c]) / (LargestBias * inputScale));
            scales[c] = scale < 1e-30 ? 1 : (float)scale;
        }
        _last = (weights, scales);
        return scales;
    }

    /// <summary>The kernel's numbers in their order, in runs that belong to one channel.</summary>
    public void ReadKernel(IWeightSource weights, ChannelRun take)
    {
        var length = kernel.Dimensions.Skip(axis + 1).Aggregate(1L, (product, d) => product * d);
        long position = 0;
        FloatReader.Read(kernel, weights, values =>
        {
            while (!values.IsEmpty)
            {
                var run = (int)Math.Min(length - position % length, values.Length);
                take((int)(position / length % Channels), values[..run]);
                position += run;
                values = values[run..];
            }
        });
    }
}

internal delegate void ChannelRun(int channel, ReadOnlySpan<float> values);

internal delegate void FloatRun(ReadOnlySpan<float> values);

using TransferKit.Onnx.Tensors;
using TransferKit.WeightSources;

namespace TransferKit.Quantization;

/// <summary>
/// The scale of each output channel of a kernel, which maps its largest weight to 127: <c>weight = int8 * scale</c>.
/// </summary>
/// <param name="kernel">The float kernel.</param>
/// <param name="axis">The index of the kernel's dimension of output channels.</param>
/// <param name="bias">The bias, which is stored as int32 in units of the scale times <paramref name="inputScale"/>.</param>
/// <param name="inputScale">The scale of the input.</param>
internal sealed class ChannelScales(WeightTensor kernel, int axis, WeightTensor? bias, float inputScale)
{
    // The bound of a bias leaves room in int32 for the sums of products.
    private const double LargestBias = 1 << 30;

    private (IWeightSource Weights, float[] Scales) _last;

    public WeightTensor Kernel => kernel;
    public int Channels { get; } = (int)kernel.Dimensions[axis];
    public float InputScale => inputScale;

    /// <summary>The recipe of the scales. With the weights, it determines them.</summary>
    public string Recipe => FormattableString.Invariant(
        $"{kernel.Recipe} along {axis} and {bias?.Recipe ?? "no bias"} for an input of {inputScale:R}");

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
            // A channel with tiny weights needs a larger scale if its bias would not fit into int32.
            var scale = Math.Max(largest[c] / sbyte.MaxValue, Math.Abs(offsets[c]) / (LargestBias * inputScale));
            scales[c] = scale < 1e-30 ? 1 : (float)scale;
        }
        _last = (weights, scales);
        return scales;
    }

    /// <summary>Reads the kernel's numbers in order, in runs that belong to one channel each.</summary>
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

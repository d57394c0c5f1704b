using System.Collections.Immutable;
using TransferKit.Onnx.Tensors;
using TransferKit.WeightSources;
using static Onnx.TensorProto.Types;

namespace TransferKit.Quantization;

/// <summary>A kernel as int8 with a scale for each output channel and the zero point 0.</summary>
internal sealed class Int8Kernel(ChannelScales scales) :
    WeightTensor($"{scales.Kernel.Name}/int8", scales.Kernel.Dimensions, DataType.Int8)
{
    public override string Recipe => $"int8 of {scales.Recipe}";

    public override void Write(IWeightSource weights, TensorSink sink)
    {
        var byChannel = scales.Of(weights);
        var buffer = new sbyte[1 << 16];
        var filled = 0;
        scales.ReadKernel(weights, (channel, values) =>
        {
            foreach (var value in values)
            {
                if (filled == buffer.Length)
                    Flush();
                buffer[filled++] = Round(value, byChannel[channel]);
            }
        });
        Flush();

        void Flush()
        {
            sink.Write<sbyte>(buffer.AsSpan(0, filled));
            filled = 0;
        }
    }

    public static sbyte Round(float value, float scale) => (sbyte)Math.Clamp(MathF.Round(value / scale), -sbyte.MaxValue, sbyte.MaxValue);
}

/// <summary>The scales of an <see cref="Int8Kernel"/>.</summary>
internal sealed class KernelScale(ChannelScales scales) : WeightTensor($"{scales.Kernel.Name}/scale", [scales.Channels])
{
    public override string Recipe => $"scales of {scales.Recipe}";

    public override void Write(IWeightSource weights, TensorSink sink) => sink.Write<float>(scales.Of(weights));
}

/// <summary>The scales of an <see cref="Int32Bias"/>: those of its kernel times the scale of the input.</summary>
internal sealed class BiasScale(WeightTensor bias, ChannelScales scales) : WeightTensor($"{bias.Name}/scale", [scales.Channels])
{
    public override string Recipe => $"bias scales of {scales.Recipe}";

    public override void Write(IWeightSource weights, TensorSink sink) =>
        sink.Write<float>(Array.ConvertAll(scales.Of(weights), s => s * scales.InputScale));
}

/// <summary>
/// A bias in the units of the products, corrected by the mean error that rounding the kernel causes. That error is the sum of each
/// weight's error times the mean of its input (Nagel et al. 2019, bias correction).
/// </summary>
/// <param name="bias">The bias.</param>
/// <param name="scales">The scales of the kernel.</param>
/// <param name="means">The channel means of the input; empty for no correction.</param>
internal sealed class Int32Bias(WeightTensor bias, ChannelScales scales, ImmutableArray<float> means) :
    WeightTensor($"{bias.Name}/int32", bias.Dimensions, DataType.Int32)
{
    public override string Recipe => FormattableString.Invariant($"int32 of {scales.Recipe} by [{string.Join(' ', means)}]");

    public override void Write(IWeightSource weights, TensorSink sink)
    {
        var (byChannel, values) = (scales.Of(weights), FloatReader.ReadAll(bias, weights));
        var lost = means.IsEmpty ? new double[values.Length] : LostByRounding(weights, byChannel);
        var integers = new int[values.Length];
        for (var c = 0; c < integers.Length; c++)
            integers[c] = (int)Math.Round((values[c] + lost[c]) / ((double)byChannel[c] * scales.InputScale));
        sink.Write<int>(integers);
    }

    private double[] LostByRounding(IWeightSource weights, float[] byChannel)
    {
        var kernel = scales.Kernel.Dimensions;
        var (outputs, inputs, places) = ((int)kernel[0], (int)kernel[1], (int)(kernel[2] * kernel[3]));
        var groups = means.Length / inputs;
        var lost = new double[outputs];
        var position = 0;
        scales.ReadKernel(weights, (o, values) =>
        {
            foreach (var value in values)
            {
                var input = o / (outputs / groups) * inputs + position++ / places % inputs;
                lost[o] += (value - (double)Int8Kernel.Round(value, byChannel[o]) * byChannel[o]) * means[input];
            }
        });
        return lost;
    }
}

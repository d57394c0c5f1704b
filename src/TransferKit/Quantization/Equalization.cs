using System.Numerics.Tensors;
using TransferKit.Onnx.Tensors;
using TransferKit.WeightSources;

namespace TransferKit.Quantization;

/// <summary>
/// Enlarges the channels of small numbers between two convolutions, because all channels of a value share one scale. Each output
/// channel of the first is multiplied by a factor, and the weights of the second are divided by it.
/// </summary>
/// <remarks>
/// See Nagel et al. 2019, https://arxiv.org/abs/1906.04721. A depthwise second convolution loses nothing, because its weights have a
/// scale for each channel. With others, the weights lose the precision that the value gains, so the factors balance the two.
/// </remarks>
internal static class Equalization
{
    // The bound keeps channels of almost only zeros from getting huge factors.
    private const double Most = 256;

    /// <summary>Finds the factors of all values between convolutions.</summary>
    public static Dictionary<string, EqualizedValue> Find(
        Int8Plan plan, IWeightSource weights, IReadOnlyDictionary<string, ValueRange> ranges,
        IReadOnlyDictionary<string, ActivationHistogram> histograms)
    {
        var kernels = plan.Model.Weights.ToDictionary(w => w.Name);
        var found = new Dictionary<string, EqualizedValue>();
        foreach (var value in plan.Values.Where(plan.IsBetweenConvolutions))
        {
            var (range, histogram) = (ranges[value], histograms[value]);
            var least = Array.ConvertAll(histogram.ChannelMin, m => Math.Max(m, range.Min));
            var most = Array.ConvertAll(histogram.ChannelMax, m => Math.Min(m, range.Max));
            var demands = new double[least.Length];
            foreach (var consumer in plan.ConsumersOf(value))
                AddDemands(kernels[consumer.Input[1]], weights, demands);

            var all = Math.Max(range.Max, -range.Min);
            var factors = new float[least.Length];
            for (var c = 0; c < factors.Length; c++)
            {
                var part = Math.Max(most[c], -least[c]) / (double)all;
                // A depthwise kernel loses nothing by any factor. With others, value and weights share the loss equally.
                var factor = plan.IsReadDepthwise(value) ? 1 / part : Math.Sqrt(demands[c] / part);
                factors[c] = double.IsNaN(factor) ? 1 : (float)Math.Clamp(factor, 1 / Most, Most);
            }
            found[value] = new(factors, new(least.Zip(factors, (m, f) => m * f).Min(), most.Zip(factors, (m, f) => m * f).Max()));
        }
        return found;
    }

    // The demand of a channel compares the largest weight that reads it with the largest of the same output. All weights of an output
    // share one scale.
    private static void AddDemands(WeightTensor kernel, IWeightSource weights, double[] demands)
    {
        var values = FloatReader.ReadAll(kernel, weights);
        var (outputs, inputs) = ((int)kernel.Dimensions[0], (int)kernel.Dimensions[1]);
        var places = (int)(kernel.Dimensions[2] * kernel.Dimensions[3]);
        var groups = demands.Length / inputs;
        for (var o = 0; o < outputs; o++)
        {
            var own = values.AsSpan(o * inputs * places, inputs * places);
            var largest = Math.Abs(TensorPrimitives.MaxMagnitude(own));
            for (var i = 0; i < inputs && largest > 0; i++)
            {
                ref var demand = ref demands[o / (outputs / groups) * inputs + i];
                demand = Math.Max(demand, Math.Abs(TensorPrimitives.MaxMagnitude(own.Slice(i * places, places))) / largest);
            }
        }
    }
}

/// <summary>The factors of a value's channels, and the range of the multiplied value.</summary>
internal sealed record EqualizedValue(float[] Factors, ValueRange Range);

/// <summary>The kernel of a convolution, in the order out, in, height, width, whose input or output channels have factors.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="before">The factors of the input channels, by which the weights are divided; null for none.</param>
/// <param name="after">The factors of the output channels, by which the weights are multiplied; null for none.</param>
internal sealed class EqualizedKernel(WeightTensor kernel, float[]? before, float[]? after) : WeightTensor(kernel.Name, kernel.Dimensions)
{
    public override string Recipe => FormattableString.Invariant(
        $"{kernel.Recipe} / [{string.Join(' ', before ?? [])}] * [{string.Join(' ', after ?? [])}]");

    public override void Write(IWeightSource weights, TensorSink sink)
    {
        var values = FloatReader.ReadAll(kernel, weights);
        var (outputs, inputs, places) = ((int)Dimensions[0], (int)Dimensions[1], (int)(Dimensions[2] * Dimensions[3]));
        // A kernel of a grouped convolution has only the inputs of its group.
        var groups = before is null ? 1 : before.Length / inputs;
        for (var o = 0; o < outputs; o++)
        {
            var firstInput = o / (outputs / groups) * inputs;
            for (var i = 0; i < inputs; i++)
            {
                var factor = (after?[o] ?? 1) / (before?[firstInput + i] ?? 1);
                foreach (ref var value in values.AsSpan((o * inputs + i) * places, places))
                    value *= factor;
            }
        }
        sink.Write<float>(values);
    }
}

/// <summary>The bias of a convolution whose output channels are multiplied by factors.</summary>
internal sealed class EqualizedBias(WeightTensor bias, float[] after) : WeightTensor(bias.Name, bias.Dimensions)
{
    public override string Recipe => FormattableString.Invariant($"{bias.Recipe} * [{string.Join(' ', after)}]");

    public override void Write(IWeightSource weights, TensorSink sink)
    {
        var values = FloatReader.ReadAll(bias, weights);
        for (var c = 0; c < values.Length; c++)
            values[c] *= after[c];
        sink.Write<float>(values);
    }
}

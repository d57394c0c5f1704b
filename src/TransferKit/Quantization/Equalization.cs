using System.Numerics.Tensors;
using TransferKit.Onnx.Tensors;
using TransferKit.WeightSources;

namespace TransferKit.Quantization;

/// <summary>
/// All channels of a value share one scale, so channels of small numbers are kept coarsely. Between two convolutions they
/// can be made larger: the first one's outputs are multiplied by a factor each, and the second one's weights divided by
/// them (Nagel et al. 2019, https://arxiv.org/abs/1906.04721). Where the second one is depthwise this costs nothing, as its weights
/// have a scale for each channel anyway; elsewhere what the value gains the weights lose, so that it is balanced.
/// </summary>
internal static class Equalization
{
    // A channel of next to nothing is not to be blown up.
    private const double Most = 256;

    /// <summary>The factors of all values that stand between convolutions.</summary>
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
                // A depthwise kernel takes any factor; of others the factor is shared out between the value and the weights.
                var factor = plan.IsReadDepthwise(value) ? 1 / part : Math.Sqrt(demands[c] / part);
                factors[c] = double.IsNaN(factor) ? 1 : (float)Math.Clamp(factor, 1 / Most, Most);
            }
            found[value] = new(factors, new(least.Zip(factors, (m, f) => m * f).Min(), most.Zip(factors, (m, f) => m * f).Max()));
        }
        return found;
    }

    // How large the weights that read a channel are beside the largest of their output, whose scale they share.
    private static void AddDemands(WeightTensor kernel, IWeightSource weights, double[] demands)
    {
        var values = FloatReader.ReadAll(kernel, weights);
        var (outputs, inputs, places) = ((int)kernel.Dimensions[0], (int)kernel.Dimensions[1], (int)(kernel.Dimensions[2] * kernel.Dimensions[3]));
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

/// <summary>The factors of a value's channels, and between which numbers it lies with them.</summary>
internal sealed record EqualizedValue(float[] Factors, ValueRange Range);

/// <summary>The kernel of a convolution, out, in, height, width, between channels that are multiplied by factors.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="before">The factors of its input's channels, by which it divides; null for none.</param>
/// <param name="after">The factors of its output's channels, by which it multiplies; null for none.</param>
internal sealed class EqualizedKernel(WeightTensor kernel, float[]? before, float[]? after) : WeightTensor(kernel.Name, kernel.Dimensions)
{
    public override string Recipe => FormattableString.Invariant(
        $"{kernel.Recipe} / [{string.Join(' ', before ?? [])}] * [{string.Join(' ', after ?? [])}]");

    public override void Write(IWeightSource weights, TensorSink sink)
    {
        var values = FloatReader.ReadAll(kernel, weights);
        var (outputs, inputs, places) = ((int)Dimensions[0], (int)Dimensions[1], (int)(Dimensions[2] * Dimensions[3]));
        // Of a grouped convolution the inputs of a group stand in each of its outputs.
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

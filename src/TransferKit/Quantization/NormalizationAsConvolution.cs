using Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Tensors;
using TransferKit.WeightSources;
using static Onnx.AttributeProto.Types;

namespace TransferKit.Quantization;

/// <summary>
/// Replaces a batch normalisation that is folded into no convolution with a 1x1 depthwise convolution, which has an integer kernel. It
/// has one weight and one scale for each channel, so int8 loses nothing. Vectors, which a head may normalise, stay in floats.
/// </summary>
internal static class NormalizationAsConvolution
{
    private static readonly string[] MakingMaps = ["Conv", "ConvTranspose", "MaxPool", "AveragePool"];
    private static readonly string[] EndingMaps = ["Gemm", "MatMul", "Flatten", "Reshape", "Squeeze", "ReduceMean", "ReduceMax"];

    public static OnnxModel Apply(OnnxModel model)
    {
        if (model.Proto.Graph.Node.All(n => n.OpType != "BatchNormalization"))
            return model;
        var proto = model.Proto.Clone();
        var tensors = model.Weights.ToDictionary(w => w.Name);
        var constants = proto.Graph.Initializer.ToDictionary(i => i.Name);
        var producers = proto.Graph.Node.SelectMany(n => n.Output.Select(o => (o, n))).ToDictionary();
        foreach (var node in proto.Graph.Node.Where(n => n.OpType == "BatchNormalization" && IsMap(n.Input[0])))
        {
            var epsilon = node.Attribute.Single(a => a.Name == "epsilon").F;
            var parts = new NormalizationParts(
                Take(node.Input[1]), Take(node.Input[2]), Take(node.Input[3]), Take(node.Input[4]), epsilon);
            WeightTensor[] made =
                [new NormalizationKernel($"{node.Name}/kernel", parts), new NormalizationBias($"{node.Name}/bias", parts)];
            foreach (var tensor in made)
                tensors.Add(tensor.Name, tensor);
            var input = node.Input[0];
            node.OpType = "Conv";
            node.Input.Clear();
            node.Input.Add([input, .. made.Select(t => t.Name)]);
            node.Attribute.Clear();
            node.Attribute.Add(new AttributeProto { Name = "kernel_shape", Type = AttributeType.Ints, Ints = { 1, 1 } });
            node.Attribute.Add(new AttributeProto { Name = "group", Type = AttributeType.Int, I = made[1].Count });
        }
        return model with { Proto = proto, Weights = [.. tensors.Values] };

        // The rank is known where the last layer that could change it says so.
        bool IsMap(string value) => value == model.InputName
            || (producers.TryGetValue(value, out var node)
                && (MakingMaps.Contains(node.OpType) || (!EndingMaps.Contains(node.OpType) && IsMap(node.Input[0]))));

        WeightTensor Take(string name) => tensors.Remove(name, out var tensor) ? tensor : new ConstantTensor(constants[name]);
    }
}

internal sealed record NormalizationParts(WeightTensor Gamma, WeightTensor Beta, WeightTensor Mean, WeightTensor Variance, double Epsilon)
{
    public override string ToString() => FormattableString.Invariant(
        $"{Gamma.Recipe}, {Beta.Recipe}, {Mean.Recipe}, {Variance.Recipe}, {Epsilon:R}");

    public (double[] Scale, double[] Shift) Read(IWeightSource weights)
    {
        var (gamma, beta) = (FloatReader.ReadAll(Gamma, weights), FloatReader.ReadAll(Beta, weights));
        var (mean, variance) = (FloatReader.ReadAll(Mean, weights), FloatReader.ReadAll(Variance, weights));
        var scale = gamma.Zip(variance, (g, v) => g / Math.Sqrt(v + Epsilon)).ToArray();
        return (scale, [.. scale.Select((s, c) => beta[c] - mean[c] * s)]);
    }
}

internal sealed class NormalizationKernel(string name, NormalizationParts parts) : WeightTensor(name, [parts.Gamma.Count, 1, 1, 1])
{
    public override string Recipe => $"scale of {parts}";

    public override void Write(IWeightSource weights, TensorSink sink) =>
        sink.Write<float>(Array.ConvertAll(parts.Read(weights).Scale, s => (float)s));
}

internal sealed class NormalizationBias(string name, NormalizationParts parts) : WeightTensor(name, [parts.Gamma.Count])
{
    public override string Recipe => $"shift of {parts}";

    public override void Write(IWeightSource weights, TensorSink sink) =>
        sink.Write<float>(Array.ConvertAll(parts.Read(weights).Shift, s => (float)s));
}

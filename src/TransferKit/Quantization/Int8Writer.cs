using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Tensors;
using static Onnx.TensorProto.Types;

namespace TransferKit.Quantization;

/// <summary>
/// Writes an int8 model in the QDQ form, which ONNX Runtime converts to integer kernels. A QuantizeLinear and a DequantizeLinear node
/// follow each value that is stored as bytes.
/// </summary>
internal sealed class Int8Writer
{
    private readonly OnnxModel _model;
    private readonly Int8Plan _plan;
    private readonly Int8Recipe _recipe;
    private readonly Dictionary<string, WeightTensor> _weights;
    private readonly HashSet<string> _constants = [];
    private readonly GraphProto _graph;

    private Int8Writer(Int8Plan plan, Int8Recipe recipe)
    {
        (_model, _plan, _recipe) = (plan.Model, plan, recipe);
        _weights = _model.Weights.ToDictionary(w => w.Name);
        _graph = _model.Proto.Graph.Clone();
        _graph.Node.Clear();
    }

    public static OnnxModel Write(Int8Plan plan, Int8Recipe recipe) => new Int8Writer(plan, recipe).Write();

    private OnnxModel Write()
    {
        foreach (var input in _graph.Input)
            AddPair(input.Name, input.Name);
        foreach (var node in _plan.Nodes)
            Write(node);
        // The conversion to bytes performs activations, whose constants are then unused.
        UnusedTensors.Drop(_graph);
        var proto = _model.Proto.Clone();
        proto.Graph = _graph;
        return _model with { Proto = proto, Weights = [.. _weights.Values] };
    }

    private void Write(NodeProto node)
    {
        var output = node.Output[0];
        switch (_plan.RoleOf(node))
        {
            case Int8Role.Clips:
                WriteClip(node);
                return;
            case Int8Role.Gates:
                WriteGate(node);
                return;
        }
        var written = node.Clone();
        if (_plan.RoleOf(node) == Int8Role.Linear)
            QuantizeWeights(written);
        for (var i = 0; i < written.Input.Count; i++)
        {
            if (_plan.IsValue(node.Input[i]) && _plan.IsBytes(node.Input[i]))
                written.Input[i] = Floats(node.Input[i]);
            else if (_plan.RoleOf(node) == Int8Role.Computes && _plan.IsConstant(node.Input[i]))
                written.Input[i] = QuantizeConstant(node.Input[i]);
        }
        _graph.Node.Add(written);
        AddPair(output, output);
    }

    // Adds the QuantizeLinear and DequantizeLinear nodes of a value if it is stored as bytes.
    private void AddPair(string value, string made)
    {
        if (!_plan.IsBytes(value))
            return;
        var (scale, zero) = ScaleOf(value);
        if (_plan.IsLinearInFloats(value))
        {
            // The maximum with the lowest float changes no number, but separates the linear node from the bytes.
            Add("Max", $"{value}/apart", made, Constant("constant/lowest", float.MinValue));
            made = $"{value}/apart";
        }
        Add("QuantizeLinear", Bytes(value), made, scale, zero);
        Add("DequantizeLinear", Floats(value), Bytes(value), scale, zero);
    }

    // Clips the bytes at the zero point, which is a ReLU.
    private void WriteClip(NodeProto node)
    {
        var (input, output) = (node.Input[0], node.Output[0]);
        var (scale, zero) = ScaleOf(input);
        Add("Clip", Bytes(output), Bytes(input), zero);
        Add("DequantizeLinear", Floats(output), Bytes(output), scale, zero);
    }

    // clip(x / 6 + 1 / 2, 0, 1) equals clip(x + 3, 0, 6) / 6. The bytes of the sum saturate at 0 and 6, and are dequantized with a
    // sixth of their scale.
    private void WriteGate(NodeProto node)
    {
        var output = node.Output[0];
        var (scale, zero) = ScaleOf(output);
        var three = Floats("constant/3");
        if (_constants.Add(three))
        {
            AddConstant(Bytes("constant/3"), DataType.Uint8, [], [byte.MaxValue]);
            Add("DequantizeLinear", three, Bytes("constant/3"), Constant("constant/3/scale", 3f / byte.MaxValue));
        }
        Add("Add", $"{output}/sum", Floats(node.Input[0]), three);
        Add("QuantizeLinear", Bytes(output), $"{output}/sum", Constant("constant/6/scale", 6f / byte.MaxValue), zero);
        Add("DequantizeLinear", Floats(output), Bytes(output), scale, zero);
    }

    private void QuantizeWeights(NodeProto node)
    {
        var kernel = _weights[node.Input[1]];
        var bias = node.Input.Count > 2 ? _weights[node.Input[2]] : null;
        var axis = node.OpType == "Conv" ? 0 : kernel.Dimensions.Length - 1;
        var (before, after) = (FactorsOf(node.Input[0]), FactorsOf(node.Output[0]));
        if (before is not null || after is not null)
        {
            kernel = new EqualizedKernel(kernel, before, after);
            bias = bias is null || after is null ? bias : new EqualizedBias(bias, after);
        }
        var scales = new ChannelScales(kernel, axis, bias, ByteScaleOf(_plan.ScaleOwner(node.Input[0])).Scale);
        node.Input[1] = Replace(kernel, new Int8Kernel(scales), new KernelScale(scales), axis);
        if (bias is not null)
            node.Input[2] = Replace(bias, new Int32Bias(bias, scales, MeansOf(node)), new BiasScale(bias, scales), 0);
    }

    private string Replace(WeightTensor tensor, WeightTensor integers, WeightTensor scale, int axis)
    {
        _weights.Remove(tensor.Name);
        _weights.Add(integers.Name, integers);
        _weights.Add(scale.Name, scale);
        var zero = $"{tensor.Name}/zero_point";
        AddConstant(zero, (DataType)integers.Header().DataType, [scale.Count], new byte[integers.Bytes / integers.Count * scale.Count]);
        Add("DequantizeLinear", Floats(tensor.Name), integers.Name, scale.Name, zero);
        _graph.Node[^1].Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = axis });
        return Floats(tensor.Name);
    }

    private ImmutableArray<float> MeansOf(NodeProto node)
    {
        if (node.OpType != "Conv" || !_recipe.Means.TryGetValue(node.Input[0], out var means))
            return [];
        return FactorsOf(node.Input[0]) is { } factors ? [.. means.Zip(factors, (m, f) => m * f)] : [.. means];
    }

    private float[]? FactorsOf(string value) => EqualizedOf(value)?.Factors;

    private EqualizedValue? EqualizedOf(string value) =>
        _plan.IsBetweenConvolutions(value) ? _recipe.Equalized.GetValueOrDefault(value) : null;

    private ByteScale ByteScaleOf(string owner) => ByteScale.Of(
        _plan.IsGate(owner) ? new(0, 1) : EqualizedOf(owner)?.Range ?? _recipe.Ranges[owner]);

    private (string Scale, string ZeroPoint) ScaleOf(string value)
    {
        var owner = _plan.ScaleOwner(value);
        var names = ($"{owner}/scale", $"{owner}/zero_point");
        if (_constants.Add(owner))
        {
            var (scale, zero) = ByteScaleOf(owner);
            AddConstant(names.Item1, DataType.Float, [], MemoryMarshal.AsBytes([scale]));
            AddConstant(names.Item2, DataType.Uint8, [], [zero]);
        }
        return names;
    }

    // The constants are positive. If they are all multiples of one unit fraction, that is the scale and they stay exact.
    private string QuantizeConstant(string name)
    {
        var tensor = _graph.Initializer.Single(i => i.Name == name);
        var values = MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
        var units = (int)(byte.MaxValue / values.Max());
        var exact = Enumerable.Range(1, units).FirstOrDefault(u => values.All(v => Math.Abs(v * u - Math.Round(v * u)) < 1e-3), units);
        AddConstant(Bytes(name), DataType.Uint8, [.. tensor.Dims], Array.ConvertAll(values, v => (byte)Math.Round(v * exact)));
        Add("DequantizeLinear", Floats(name), Bytes(name), Constant($"{name}/scale", 1f / exact));
        return Floats(name);
    }

    private string Constant(string name, float value)
    {
        if (_constants.Add(name))
            AddConstant(name, DataType.Float, [], MemoryMarshal.AsBytes([value]));
        return name;
    }

    private void AddConstant(string name, DataType type, ReadOnlySpan<long> dimensions, ReadOnlySpan<byte> values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(values) };
        foreach (var dimension in dimensions)
            tensor.Dims.Add(dimension);
        _graph.Initializer.Add(tensor);
    }

    private void Add(string opType, string output, params ReadOnlySpan<string> inputs)
    {
        var node = new NodeProto { OpType = opType, Name = output, Output = { output } };
        foreach (var input in inputs)
            node.Input.Add(input);
        _graph.Node.Add(node);
    }

    private static string Bytes(string value) => $"{value}/bytes";

    private static string Floats(string value) => $"{value}/floats";
}

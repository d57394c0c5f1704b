using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using TransferKit.Onnx.Plan;
using static Onnx.AttributeProto.Types;
using static Onnx.TensorProto.Types;

namespace TransferKit.Quantization;

/// <summary>
/// Replaces average pooling with a depthwise convolution of equal weights, because ONNX Runtime's integer convolution is much faster
/// than its integer average. A factor corrects windows that reach into the padding, which an average does not count.
/// </summary>
internal static class AverageAsConvolution
{
    public static OnnxModel Apply(OnnxModel model)
    {
        if (model.Proto.Graph.Node.All(n => n.OpType != "AveragePool"))
            return model;
        var proto = model.Proto.Clone();
        var shapes = proto.Graph.ValueInfo.Concat(proto.Graph.Input).ToDictionary(
            v => v.Name, v => v.Type.TensorType.Shape.Dim.Select(d => (int)d.DimValue).ToArray());
        var (nodes, weights) = (new List<NodeProto>(), model.Weights.ToBuilder());
        foreach (var node in proto.Graph.Node)
        {
            nodes.Add(node);
            if (node.OpType != "AveragePool")
                continue;
            var (input, output) = (shapes[node.Input[0]], shapes[node.Output[0]]);
            var window = Ints("kernel_shape");
            var places = (int)(window[0] * window[1]);
            node.OpType = "Conv";
            node.Attribute.Remove(node.Attribute.Single(a => a.Name == "count_include_pad"));
            node.Attribute.Add(new AttributeProto { Name = "group", Type = AttributeType.Int, I = input[1] });
            var kernel = Enumerable.Repeat(1f / places, input[1] * places);
            weights.Add(new ConstantTensor(Tensor($"{node.Name}/kernel", [input[1], 1, window[0], window[1]], kernel)));
            node.Input.Add($"{node.Name}/kernel");

            var (pads, strides) = (Ints("pads"), Ints("strides"));
            if (pads.All(p => p == 0))
                continue;
            var factors = from y in Enumerable.Range(0, output[2])
                          from x in Enumerable.Range(0, output[3])
                          select places / (float)(Inside(y, 0, input[2]) * Inside(x, 1, input[3]));
            proto.Graph.Initializer.Add(Tensor($"{node.Name}/edges", [1, 1, output[2], output[3]], factors));
            var average = node.Output[0];
            node.Output[0] = $"{average}/inside";
            nodes.Add(new NodeProto
            {
                OpType = "Mul",
                Name = $"{node.Name}/at_edges",
                Input = { node.Output[0], $"{node.Name}/edges" },
                Output = { average },
            });

            long[] Ints(string name) => [.. node.Attribute.Single(a => a.Name == name).Ints];

            long Inside(int place, int axis, int size)
            {
                var start = place * strides[axis] - pads[axis];
                return Math.Min(start + window[axis], size) - Math.Max(start, 0);
            }
        }
        proto.Graph.Node.Clear();
        proto.Graph.Node.Add(nodes);
        return model with { Proto = proto, Weights = weights.ToImmutable() };
    }

    private static TensorProto Tensor(string name, ReadOnlySpan<long> dimensions, IEnumerable<float> values)
    {
        var bytes = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(values.ToArray()));
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float, RawData = bytes };
        foreach (var dimension in dimensions)
            tensor.Dims.Add(dimension);
        return tensor;
    }
}

using Onnx;
using TorchSharp;
using TransferKit.Graph;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TransferKit.OtherEngines;

/// <summary>Runs the nodes of a plain <c>.onnx</c> file as TorchSharp's functions.</summary>
internal sealed class TorchModel : IDisposable
{
    private readonly GraphProto _graph;
    private readonly Dictionary<string, Tensor> _weights;

    public TorchModel(string path)
    {
        using var file = File.OpenRead(path);
        _graph = ModelProto.Parser.ParseFrom(file).Graph;
        _weights = _graph.Initializer.ToDictionary(t => t.Name, Read);
    }

    public Tensor Run(Tensor input)
    {
        var values = new Dictionary<string, Tensor>(_weights) { [_graph.Input[0].Name] = input };
        foreach (var node in _graph.Node)
            values[node.Output[0]] = Run(node, i => values[node.Input[i]]);
        return values[_graph.Output[0].Name];
    }

    public void Dispose()
    {
        foreach (var weight in _weights.Values)
            weight.Dispose();
    }

    private static Tensor Run(NodeProto node, Func<int, Tensor> input) => node.OpType switch
    {
        "Conv" => functional.conv2d(
            Padded(node, input(0), 0, out var padding), input(1), node.Input.Count > 2 ? input(2) : null,
            strides: Ints(node, "strides"), padding: padding, dilation: Ints(node, "dilations"), groups: Int(node, "group", 1)),
        "BatchNormalization" => functional.batch_norm(
            input(0), input(3), input(4), input(1), input(2), training: false, eps: node.Attribute.Single(a => a.Name == "epsilon").F),
        "MaxPool" => functional.max_pool2d(
            Padded(node, input(0), double.NegativeInfinity, out var padding), Ints(node, "kernel_shape")!, Ints(node, "strides"), padding,
            null, false),
        "AveragePool" => functional.avg_pool2d(
            input(0), Ints(node, "kernel_shape")!, Ints(node, "strides"), Symmetric(node) ?? throw Unknown(node),
            count_include_pad: Int(node, "count_include_pad", 0) != 0),
        "GlobalAveragePool" => input(0).mean([2, 3], keepdim: true),
        "Relu" => functional.relu(input(0)),
        "Clip" => input(0).clamp(input(1), input(2)),
        "Add" => input(0) + input(1),
        "Concat" => cat([.. Enumerable.Range(0, node.Input.Count).Select(input)], Int(node, "axis", 1)),
        "Pad" => Pad(input(0), input(1).data<long>().ToArray()),
        "Flatten" => input(0).flatten(Int(node, "axis", 1)),
        "Identity" => input(0),
        _ => throw Unknown(node),
    };

    /// <summary>Pads an input with asymmetric padding before the operator, because torch's operators pad both sides alike.</summary>
    private static Tensor Padded(NodeProto node, Tensor value, double with, out long[] padding)
    {
        if (Symmetric(node) is { } symmetric)
        {
            padding = symmetric;
            return value;
        }
        padding = [0, 0];
        var pads = Ints(node, "pads")!;
        return functional.pad(value, [pads[1], pads[3], pads[0], pads[2]], PaddingModes.Constant, with);
    }

    private static Tensor Pad(Tensor value, long[] pads) =>
        functional.pad(value, [pads[3], pads[7], pads[2], pads[6]], PaddingModes.Constant, 0);

    private static long[]? Symmetric(NodeProto node) => Ints(node, "pads") switch
    {
        null => [0, 0],
        [var top, var left, var bottom, var right] when top == bottom && left == right => [top, left],
        _ => null,
    };

    private static Tensor Read(TensorProto weight) => (TensorProto.Types.DataType)weight.DataType switch
    {
        TensorProto.Types.DataType.Float => tensor(Values<float>(weight, weight.FloatData), weight.Dims.ToArray()),
        TensorProto.Types.DataType.Int64 => tensor(Values<long>(weight, weight.Int64Data), weight.Dims.ToArray()),
        _ => throw new NotSupportedException($"Tensor '{weight.Name}' is of type {weight.DataType}."),
    };

    private static T[] Values<T>(TensorProto weight, IEnumerable<T> listed)
        where T : unmanaged =>
        weight.RawData.IsEmpty ? [.. listed] : System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(weight.RawData.Span).ToArray();

    private static long[]? Ints(NodeProto node, string name) => node.Attribute.SingleOrDefault(a => a.Name == name)?.Ints.ToArray();

    private static long Int(NodeProto node, string name, long otherwise) =>
        node.Attribute.SingleOrDefault(a => a.Name == name)?.I ?? otherwise;

    private static NotSupportedException Unknown(NodeProto node) =>
        new($"Node '{node.Name}' is a {node.OpType} that is not written for TorchSharp here.");
}

using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using TransferKit.Onnx.Tensors;

namespace TransferKit.Onnx.Plan;

/// <summary>The layout of a map: ONNX' n, channels, h, w, or Keras' n, h, w, channels.</summary>
internal enum Layout { ChannelsFirst, ChannelsLast }

/// <summary>Collects the nodes and tensors of one ONNX graph, and tracks the layouts of each step's output.</summary>
internal sealed class GraphWriter(string graphName)
{
    private readonly Dictionary<(Step, Layout), string> _values = [];
    private readonly Dictionary<Step, Layout> _native = [];
    private readonly HashSet<string> _constants = [];

    public GraphProto Graph { get; } = new() { Name = graphName };
    public List<WeightTensor> Weights { get; } = [];

    /// <summary>Records that a step's output is written under the step's value name.</summary>
    public void Made(Step step, Layout layout)
    {
        _values[(step, layout)] = step.ValueName;
        _native[step] = layout;
        var shape = step.OutputShape;
        // The shapes of maps are for readers of the file and for rewrites of the written graph.
        if (shape.IsMap && Graph.Input.All(i => i.Name != step.ValueName))
        {
            Graph.ValueInfo.Add(layout == Layout.ChannelsFirst
                ? ValueInfos.Tensor(step.ValueName, shape.Channels, shape.Height, shape.Width)
                : ValueInfos.Tensor(step.ValueName, shape.Height, shape.Width, shape.Channels));
        }
    }

    public Layout LayoutOf(Step step) => _native[step];

    /// <summary>Returns the name of a step's output in a layout. The first call that needs a transposition writes it.</summary>
    public string Value(Step step, Layout layout)
    {
        var native = _native[step];
        if (native == layout || !step.OutputShape.IsMap)
            return step.ValueName;
        if (_values.TryGetValue((step, layout), out var made))
            return made;
        var name = $"{step.ValueName}/{(layout == Layout.ChannelsFirst ? "nchw" : "nhwc")}";
        Transpose(name, step.ValueName, layout);
        return _values[(step, layout)] = name;
    }

    public void Transpose(string output, string input, Layout to) =>
        Node("Transpose", $"{output}/transpose", output, [input],
            ("perm", to == Layout.ChannelsFirst ? new long[] { 0, 3, 1, 2 } : [0, 2, 3, 1]));

    /// <summary>Writes the last node of a step, whose output is the step's value.</summary>
    public void Node(string opType, Step step, ReadOnlySpan<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes) =>
        Node(opType, step.NodeName, step.ValueName, inputs, attributes);

    /// <summary>Writes a node before the last of a step and returns the name of its output.</summary>
    public string Part(
        string opType, Step step, string part, ReadOnlySpan<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var name = $"{step.ValueName}/{part}";
        Node(opType, name, name, inputs, attributes);
        return name;
    }

    public void Node(
        string opType, string name, string output, ReadOnlySpan<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var node = new NodeProto { OpType = opType, Name = name, Output = { output } };
        foreach (var input in inputs)
            node.Input.Add(input);
        foreach (var (key, value) in attributes)
            node.Attribute.Add(Attribute(key, value));
        Graph.Node.Add(node);
    }

    public string Weight(WeightTensor tensor)
    {
        Weights.Add(tensor);
        return tensor.Name;
    }

    /// <summary>Returns the name of a scalar constant, which nodes share.</summary>
    public string Scalar(double value) =>
        Constant(string.Create(CultureInfo.InvariantCulture, $"constant/{(float)value:R}"), [], [(float)value]);

    public string Constant(string name, ReadOnlySpan<long> dimensions, ReadOnlySpan<float> values) =>
        Constant(name, dimensions, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values));

    public string Constant(string name, ReadOnlySpan<long> values) =>
        Constant(name, [values.Length], TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(values));

    private string Constant(string name, ReadOnlySpan<long> dimensions, TensorProto.Types.DataType type, ReadOnlySpan<byte> values)
    {
        if (!_constants.Add(name))
            return name;
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(values) };
        foreach (var dimension in dimensions)
            tensor.Dims.Add(dimension);
        Graph.Initializer.Add(tensor);
        return name;
    }

    public static AttributeProto Attribute(string name, object value) => value switch
    {
        long number => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = number },
        float number => new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = number },
        string text => new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(text) },
        long[] numbers => new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { numbers } },
        _ => throw new ArgumentException($"An ONNX attribute cannot hold a {value.GetType().Name}.", nameof(value)),
    };
}

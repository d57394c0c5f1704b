using System.Collections.Immutable;
using Onnx;
using TransferKit.Graph;
using TransferKit.Onnx.Plan;
using static Onnx.TensorProto.Types;

namespace TransferKit.Onnx.Reading;

/// <summary>Represents the arithmetic from pixels of 0 to 255 to the numbers that a model takes: times, minus, divided by.</summary>
internal sealed record PixelArithmetic(float Rescale, ImmutableArray<float> Mean, ImmutableArray<float> Deviation);

/// <summary>
/// Writes nodes around the graph of a file, so that it takes planes of pixels as the engine gives them and returns what the caller wants.
/// </summary>
internal sealed class ImageGraph
{
    private readonly OnnxFile _file;
    private readonly ImageInput _input;
    private readonly ImageSize _size;
    private readonly ModelProto _proto;
    private readonly GraphWriter _writer = new("");
    private readonly string _prefix;

    public ImageGraph(OnnxFile file, ImageInput input, ImageSize size, PixelArithmetic pixels)
    {
        (_file, _input, _size) = (file, input, size);
        _proto = file.Proto.Clone();
        // What the file says of values inside was true for its own dimensions.
        _proto.Graph.ValueInfo.Clear();
        _proto.Graph.Input.Clear();
        _proto.Graph.Output.Clear();
        _proto.TrainingInfo.Clear();
        _prefix = FreePrefix(file.Proto.Graph);
        _proto.Graph.Input.Add(Value(Own("pixels"), 3, size.Height, size.Width));
        Prepare(pixels);
        var before = _writer.Graph.Node.ToArray();
        _writer.Graph.Node.Clear();
        Before = before;
    }

    private NodeProto[] Before { get; }

    /// <summary>Returns the model whose outputs are values of the file as they are, to find out what they are.</summary>
    public OnnxModel WithValues(IReadOnlyList<string> names)
    {
        var proto = Close([]);
        foreach (var name in names)
            proto.Graph.Output.Add(new ValueInfoProto { Name = name });
        return Model(proto, []);
    }

    /// <summary>Returns the model with outputs in Keras' order: vectors, and maps with the channel last.</summary>
    public OnnxModel WithOutputs(IReadOnlyList<FileOutput> outputs, OnnxPooling pooling)
    {
        ModelOutput[] given = [.. outputs.Select((output, i) => Give(output, i, pooling))];
        NodeProto[] after = [.. _writer.Graph.Node];
        _writer.Graph.Node.Clear();
        var proto = Close(after);
        foreach (var output in given)
            proto.Graph.Output.Add(Value(output.Name, [.. output.Dimensions]));
        return Model(proto, [.. given]);
    }

    private OnnxModel Model(ModelProto proto, ImmutableArray<ModelOutput> outputs) => new()
    {
        Name = _file.Name,
        Proto = proto,
        Weights = _file.Weights,
        Input = Shape.Map(_size.Height, _size.Width, 3),
        Outputs = outputs,
    };

    private ModelProto Close(NodeProto[] after)
    {
        var proto = _proto.Clone();
        NodeProto[] own = [.. proto.Graph.Node];
        proto.Graph.Node.Clear();
        proto.Graph.Node.Add(Before.Concat(own).Concat(after));
        proto.Graph.Initializer.Add(_writer.Graph.Initializer);
        return proto;
    }

    private void Prepare(PixelArithmetic pixels)
    {
        var value = Own("pixels");
        if (pixels.Rescale != 1)
            Step("Mul", _writer.Constant(Own("rescale"), [], [pixels.Rescale]));
        if (pixels.Mean.Any(m => m != 0))
            Step("Sub", _writer.Constant(Own("mean"), [1, 3, 1, 1], pixels.Mean.AsSpan()));
        if (pixels.Deviation.Any(d => d != 1))
            Step("Div", _writer.Constant(Own("deviation"), [1, 3, 1, 1], pixels.Deviation.AsSpan()));
        if (_input.Type != DataType.Float)
            value = Node("Cast", value, ("to", (long)_input.Type));
        if (_input.Layout == Layout.ChannelsLast)
            value = Node("Transpose", value, ("perm", new long[] { 0, 2, 3, 1 }));
        _writer.Node("Identity", Own("input"), _input.Name, [value]);

        void Step(string op, string constant)
        {
            var output = $"{value}/{op}";
            _writer.Node(op, output, output, [value, constant]);
            value = output;
        }
    }

    private ModelOutput Give(FileOutput output, int index, OnnxPooling pooling)
    {
        var (value, dimensions) = (output.Name, output.Dimensions);
        if (dimensions.IsEmpty)
            throw new OnnxModelException(_file.Path, $"its output '{output.Name}' has one number for each image, and no dimension for it.");
        // A value of the file may be an output twice, and each needs a name of its own.
        value = Node("Identity", value, $"{index}");
        if (output.Type != DataType.Float)
            value = Node("Cast", value, ("to", (long)DataType.Float));
        if (pooling != OnnxPooling.None && dimensions.Length is 2 or 3)
            return new(Pooled(value, output, pooling), Shape.Vector(Channels(output)));
        if (IsPlanes(output))
        {
            value = Node("Transpose", value, ("perm", new long[] { 0, 2, 3, 1 }));
            dimensions = [dimensions[1], dimensions[2], dimensions[0]];
        }
        var count = dimensions.Aggregate(1L, (product, d) => product * d);
        if (count > Array.MaxLength)
            throw new OnnxModelException(_file.Path, $"its output '{output.Name}' has {count} numbers for each image.");
        return new(value, Shape.Vector((int)count)) { Dimensions = dimensions };
    }

    private string Pooled(string value, FileOutput output, OnnxPooling pooling)
    {
        if (pooling == OnnxPooling.Cls)
        {
            if (output.Dimensions.Length != 2)
            {
                throw new OnnxModelException(
                    _file.Path, $"its output '{output.Name}' is a map, which has no first token. Use the pooling {OnnxPooling.Avg}.");
            }
            var first = _writer.Constant(Own("first"), [0L]);
            var token = $"{value}/Gather";
            _writer.Node("Gather", token, token, [value, first], ("axis", 1L));
            return Node("Flatten", token);
        }
        if (!IsPlanes(output))
        {
            value = Node(
                "Transpose", value, ("perm", output.Dimensions.Length == 2 ? new long[] { 0, 2, 1 } : [0, 3, 1, 2]));
        }
        return Node("Flatten", Node(pooling == OnnxPooling.Avg ? "GlobalAveragePool" : "GlobalMaxPool", value));
    }

    private bool IsPlanes(FileOutput output) => output.Dimensions.Length == 3 && _input.Layout == Layout.ChannelsFirst;

    private int Channels(FileOutput output) => IsPlanes(output) ? output.Dimensions[0] : output.Dimensions[^1];

    private string Node(string op, string input, params ReadOnlySpan<(string Name, object Value)> attributes) =>
        Node(op, input, "", attributes);

    private string Node(string op, string input, string suffix, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var name = $"{(input.StartsWith(_prefix, StringComparison.Ordinal) ? input : Own(input))}/{op}{suffix}";
        _writer.Node(op, name, name, [input], attributes);
        return name;
    }

    private string Own(string name) => $"{_prefix}{name}";

    private ValueInfoProto Value(string name, params ReadOnlySpan<int> dimensions)
    {
        var value = ValueInfos.Tensor(name, dimensions);
        if (_input.IsSingle)
            value.Type.TensorType.Shape.Dim[0] = new() { DimValue = 1 };
        return value;
    }

    private static string FreePrefix(GraphProto graph)
    {
        var prefix = "transferkit/";
        while (graph.Node.SelectMany(n => n.Output).Any(v => v.StartsWith(prefix, StringComparison.Ordinal)))
            prefix = $"_{prefix}";
        return prefix;
    }
}

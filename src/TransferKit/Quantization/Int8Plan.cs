using Onnx;
using TransferKit.Onnx.Plan;

namespace TransferKit.Quantization;

/// <summary>What a node does with bytes.</summary>
internal enum Int8Role
{
    /// <summary>It computes in floats.</summary>
    None,

    /// <summary>Bytes times an int8 kernel.</summary>
    Linear,

    /// <summary>From bytes to bytes of another scale.</summary>
    Computes,

    /// <summary>It moves bytes, or chooses among them; the scale stays.</summary>
    Moves,

    /// <summary>A ReLU that stands by itself: bytes below zero's become zero's.</summary>
    Clips,

    /// <summary>A hard sigmoid: a sum that ends where bytes do.</summary>
    Gates,
}

/// <summary>
/// Which nodes of a float model run on bytes, and which of its values are therefore kept as bytes. Values are what
/// calibration observes; how they are written follows in <see cref="Int8Writer"/>.
/// </summary>
internal sealed class Int8Plan
{
    // What ONNX Runtime has integer kernels for that are worth it.
    private static readonly Dictionary<string, Int8Role> Roles = new()
    {
        ["Conv"] = Int8Role.Linear,
        ["Gemm"] = Int8Role.Linear,
        ["MatMul"] = Int8Role.Linear,
        ["Add"] = Int8Role.Computes,
        ["Mul"] = Int8Role.Computes,
        ["Concat"] = Int8Role.Computes,
        ["Sigmoid"] = Int8Role.Computes,
        ["GlobalAveragePool"] = Int8Role.Computes,
        ["MaxPool"] = Int8Role.Moves,
        ["Slice"] = Int8Role.Moves,
        ["Transpose"] = Int8Role.Moves,
        ["Reshape"] = Int8Role.Moves,
        ["Flatten"] = Int8Role.Moves,
        ["Relu"] = Int8Role.Clips,
        ["Clip"] = Int8Role.Clips,
        ["HardSigmoid"] = Int8Role.Gates,
    };

    // What may stand between the last layer and an output: it costs little, and the features stay floats.
    private static readonly HashSet<string> Endings = ["Flatten", "Identity", "Transpose", "Reshape", "Softmax", "GlobalAveragePool", "GlobalMaxPool"];

    private readonly Dictionary<string, NodeProto> _producers = [];
    private readonly Dictionary<string, List<NodeProto>> _consumers = [];
    // By reference: nodes change while they are planned.
    private readonly Dictionary<NodeProto, Int8Role> _roles = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _inputs;
    private readonly HashSet<string> _outputs;
    private readonly HashSet<string> _tensors;
    private readonly HashSet<string> _constants;
    private readonly HashSet<string> _depthwise;

    private Int8Plan(OnnxModel model)
    {
        Model = model;
        var graph = model.Proto.Graph;
        Nodes = [.. graph.Node.Select(n => n.Clone())];
        _inputs = [.. graph.Input.Select(i => i.Name)];
        _outputs = [.. graph.Output.Select(o => o.Name)];
        _constants = [.. graph.Initializer.Select(i => i.Name)];
        _tensors = [.. _constants, .. model.Weights.Select(w => w.Name)];
        _depthwise = [.. model.Weights.Where(w => w.Dimensions is [_, 1, _, _]).Select(w => w.Name)];
    }

    /// <summary>The model in floats that becomes one on bytes.</summary>
    public OnnxModel Model { get; }

    /// <summary>The nodes in their order, without the activations that bytes make by themselves.</summary>
    public List<NodeProto> Nodes { get; }

    /// <summary>The values that are kept as bytes, in the order in which they are made.</summary>
    public IEnumerable<string> Values => _inputs.Concat(Nodes.Select(n => n.Output[0])).Where(IsBytes);

    /// <param name="model">The model in floats.</param>
    /// <param name="floats">The nodes that are to compute in floats whatever they could.</param>
    public static Int8Plan Of(OnnxModel model, IReadOnlySet<string> floats)
    {
        var plan = new Int8Plan(AverageAsConvolution.Apply(NormalizationAsConvolution.Apply(model)));
        plan.Connect();
        plan.Assign(floats);
        plan.TakeBackEndings();
        plan.Absorb();
        plan.Connect();
        return plan;
    }

    public Int8Role RoleOf(NodeProto node) => _roles[node];

    /// <summary>Whether a node's input is a value, and not a weight or a constant.</summary>
    public bool IsValue(string name) => !_tensors.Contains(name);

    /// <summary>Whether a node's input stands in the graph as numbers.</summary>
    public bool IsConstant(string name) => _constants.Contains(name);

    /// <summary>Whether a value is kept as bytes: one of its readers wants them, or its maker gives nothing else.</summary>
    public bool IsBytes(string value) =>
        ConsumersOf(value).Any(n => _roles[n] != Int8Role.None)
        || (ProducerOf(value) is { } producer && _roles[producer] != Int8Role.None && producer.OpType is not ("Gemm" or "MatMul"));

    /// <summary>The value whose range decides the scale of this one.</summary>
    public string ScaleOwner(string value)
    {
        if (ProducerOf(value) is { } producer && _roles[producer] is Int8Role.Moves or Int8Role.Clips)
            return ScaleOwner(producer.Input[0]);
        // What is only joined is made in the scale of the whole, so that joining is copying.
        return ConsumersOf(value) is [{ OpType: "Concat" } join] && _roles[join] == Int8Role.Computes && !_outputs.Contains(value)
            ? ScaleOwner(join.Output[0])
            : value;
    }

    /// <summary>Whether convolutions on bytes alone make and read a value, so that its channels can be equalized.</summary>
    public bool IsBetweenConvolutions(string value) => !_outputs.Contains(value)
        && ProducerOf(value) is { } producer && IsInt8Convolution(producer) && ConsumersOf(value).All(IsInt8Convolution);

    public bool IsReadDepthwise(string value) => ConsumersOf(value).All(c => _depthwise.Contains(c.Input[1]));

    public bool IsGate(string value) => ProducerOf(value) is { } producer && _roles[producer] == Int8Role.Gates;

    public List<NodeProto> ConsumersOf(string value) => _consumers.GetValueOrDefault(value) ?? [];

    private bool IsInt8Convolution(NodeProto node) => node.OpType == "Conv" && _roles[node] == Int8Role.Linear;

    /// <summary>
    /// Whether a value comes out of a linear node in floats. ONNX Runtime takes such a node, if it stands between bytes, for one
    /// whose weights were forgotten, and makes bytes of them by a single scale: something must stand between.
    /// </summary>
    public bool IsLinearInFloats(string value) => ProducerOf(value) is { } producer && _roles[producer] == Int8Role.None
        && Roles.GetValueOrDefault(producer.OpType) switch
        {
            Int8Role.Linear => true,
            Int8Role.Clips => IsLinearInFloats(producer.Input[0]),
            _ => false,
        };

    private NodeProto? ProducerOf(string value) => _producers.GetValueOrDefault(value);

    private void Connect()
    {
        _producers.Clear();
        _consumers.Clear();
        foreach (var node in Nodes)
        {
            _producers[node.Output[0]] = node;
            foreach (var input in node.Input.Distinct())
            {
                if (!_consumers.TryGetValue(input, out var consumers))
                    _consumers[input] = consumers = [];
                consumers.Add(node);
            }
        }
    }

    private void Assign(IReadOnlySet<string> floats)
    {
        foreach (var node in Nodes)
        {
            var role = floats.Contains(node.Name) || _outputs.Contains(node.Output[0]) ? Int8Role.None : Roles.GetValueOrDefault(node.OpType);
            _roles[node] = role switch
            {
                Int8Role.Linear => _tensors.Contains(node.Input[1]) ? role : Int8Role.None,
                Int8Role.Computes => node.Input.All(i => IsValue(i) || (IsConstant(i) && node.OpType == "Mul")) && node.Input.Any(IsMadeOfBytes) ? role : Int8Role.None,
                Int8Role.Moves or Int8Role.Clips or Int8Role.Gates => IsMadeOfBytes(node.Input[0]) ? role : Int8Role.None,
                _ => role,
            };
        }
    }

    private bool IsMadeOfBytes(string value) => ProducerOf(value) is { } producer && _roles[producer] != Int8Role.None;

    private void TakeBackEndings()
    {
        foreach (var node in Enumerable.Reverse(Nodes))
        {
            var output = node.Output[0];
            if (Endings.Contains(node.OpType) && ConsumersOf(output).All(c => _roles[c] == Int8Role.None && Endings.Contains(c.OpType)))
                _roles[node] = Int8Role.None;
        }
    }

    // Bytes of a scale that begins at zero end there too: the ReLU is done when they are made.
    private void Absorb()
    {
        foreach (var clip in Nodes.Where(n => _roles[n] == Int8Role.Clips).ToArray())
        {
            var value = clip.Input[0];
            var producer = _producers[value];
            if (_roles[producer] is Int8Role.Linear or Int8Role.Computes && ConsumersOf(value) is [_] && !_outputs.Contains(value))
            {
                producer.Output[0] = clip.Output[0];
                _producers[clip.Output[0]] = producer;
                Nodes.Remove(clip);
            }
            else if (clip.OpType == "Clip")
            {
                _roles[clip] = Int8Role.None;
            }
        }
    }
}

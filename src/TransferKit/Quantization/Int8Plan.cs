using Onnx;
using TransferKit.Onnx.Plan;

namespace TransferKit.Quantization;

/// <summary>The role of a node in an int8 model.</summary>
internal enum Int8Role
{
    /// <summary>The node computes in floats.</summary>
    None,

    /// <summary>The node multiplies bytes by an int8 kernel.</summary>
    Linear,

    /// <summary>The node computes bytes of a different scale.</summary>
    Computes,

    /// <summary>The node moves or selects bytes without a change of scale.</summary>
    Moves,

    /// <summary>The node is a separate ReLU, which raises bytes to the zero point.</summary>
    Clips,

    /// <summary>The node is a hard sigmoid, computed as a sum that saturates at the limits of bytes.</summary>
    Gates,
}

/// <summary>
/// Decides which nodes of a float model run in int8, and which of its values are therefore stored as bytes. Calibration observes these
/// values, and <see cref="Int8Writer"/> writes the model.
/// </summary>
internal sealed class Int8Plan
{
    // ONNX Runtime has integer kernels for these operators that are faster than its float kernels.
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

    // These operators between the last layer and an output stay in floats, because they are cheap and the features then lose nothing.
    private static readonly HashSet<string> Endings =
        ["Flatten", "Identity", "Transpose", "Reshape", "Softmax", "GlobalAveragePool", "GlobalMaxPool"];

    private readonly Dictionary<string, NodeProto> _producers = [];
    private readonly Dictionary<string, List<NodeProto>> _consumers = [];
    // Nodes are compared by reference, because planning changes them.
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

    /// <summary>The float model that is quantized.</summary>
    public OnnxModel Model { get; }

    /// <summary>The nodes in order, without the activations that the conversion to bytes performs.</summary>
    public List<NodeProto> Nodes { get; }

    /// <summary>The values that are stored as bytes, in the order of their computation.</summary>
    public IEnumerable<string> Values => _inputs.Concat(Nodes.Select(n => n.Output[0])).Where(IsBytes);

    /// <param name="model">The float model.</param>
    /// <param name="floats">The names of the nodes that must compute in floats.</param>
    public static Int8Plan Of(OnnxModel model, IReadOnlySet<string> floats)
    {
        var plan = new Int8Plan(AverageAsConvolution.Apply(NormalizationAsConvolution.Apply(model)));
        plan.Connect();
        plan.Assign(floats);
        plan.KeepEndingsInFloats();
        plan.Absorb();
        plan.Connect();
        return plan;
    }

    public Int8Role RoleOf(NodeProto node) => _roles[node];

    /// <summary>Whether a node's input is a computed value, not a weight or a constant.</summary>
    public bool IsValue(string name) => !_tensors.Contains(name);

    /// <summary>Whether a node's input is a constant in the graph.</summary>
    public bool IsConstant(string name) => _constants.Contains(name);

    /// <summary>Whether a value is stored as bytes, because a consumer needs bytes or its producer outputs only bytes.</summary>
    public bool IsBytes(string value) =>
        ConsumersOf(value).Any(n => _roles[n] != Int8Role.None)
        || (ProducerOf(value) is { } producer && _roles[producer] != Int8Role.None && producer.OpType is not ("Gemm" or "MatMul"));

    /// <summary>Returns the value whose range determines the scale of this value.</summary>
    public string ScaleOwner(string value)
    {
        if (ProducerOf(value) is { } producer && _roles[producer] is Int8Role.Moves or Int8Role.Clips)
            return ScaleOwner(producer.Input[0]);
        // Inputs of a Concat share its scale, so Concat only copies.
        return ConsumersOf(value) is [{ OpType: "Concat" } join] && _roles[join] == Int8Role.Computes && !_outputs.Contains(value)
            ? ScaleOwner(join.Output[0])
            : value;
    }

    /// <summary>Whether only int8 convolutions write and read a value, so that its channels can be equalized.</summary>
    public bool IsBetweenConvolutions(string value) => !_outputs.Contains(value)
        && ProducerOf(value) is { } producer && IsInt8Convolution(producer) && ConsumersOf(value).All(IsInt8Convolution);

    public bool IsReadDepthwise(string value) => ConsumersOf(value).All(c => _depthwise.Contains(c.Input[1]));

    public bool IsGate(string value) => ProducerOf(value) is { } producer && _roles[producer] == Int8Role.Gates;

    public List<NodeProto> ConsumersOf(string value) => _consumers.GetValueOrDefault(value) ?? [];

    private bool IsInt8Convolution(NodeProto node) => node.OpType == "Conv" && _roles[node] == Int8Role.Linear;

    /// <summary>
    /// Whether a value is the output of a linear node in floats. ONNX Runtime quantizes the weights of such a node between bytes with
    /// a single scale, so another node must separate it from the bytes.
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
            var staysFloat = floats.Contains(node.Name) || _outputs.Contains(node.Output[0]);
            var role = staysFloat ? Int8Role.None : Roles.GetValueOrDefault(node.OpType);
            _roles[node] = role switch
            {
                Int8Role.Linear => _tensors.Contains(node.Input[1]) ? role : Int8Role.None,
                Int8Role.Computes => CanCompute(node) ? role : Int8Role.None,
                Int8Role.Moves or Int8Role.Clips or Int8Role.Gates => IsFromInt8Node(node.Input[0]) ? role : Int8Role.None,
                _ => role,
            };
        }
    }

    private bool CanCompute(NodeProto node) =>
        node.Input.All(i => IsValue(i) || (IsConstant(i) && node.OpType == "Mul")) && node.Input.Any(IsFromInt8Node);

    private bool IsFromInt8Node(string value) => ProducerOf(value) is { } producer && _roles[producer] != Int8Role.None;

    private void KeepEndingsInFloats()
    {
        foreach (var node in Enumerable.Reverse(Nodes))
        {
            var output = node.Output[0];
            if (Endings.Contains(node.OpType) && ConsumersOf(output).All(c => _roles[c] == Int8Role.None && Endings.Contains(c.OpType)))
                _roles[node] = Int8Role.None;
        }
    }

    // Bytes of a range that begins at zero saturate there, so the conversion to bytes performs the ReLU.
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

using Onnx;

namespace TransferKit.Onnx.Rewrites;

/// <summary>Tells which nodes of a graph write and read each value, as they were when it was made.</summary>
internal sealed class NodeIndex(GraphProto graph)
{
    // An optional output that nobody reads has no name.
    private readonly Dictionary<string, NodeProto> _writers =
        graph.Node.SelectMany(n => n.Output.Where(name => name.Length > 0).Select(name => (name, n))).ToDictionary(w => w.name, w => w.n);

    private readonly ILookup<string, NodeProto> _readers =
        graph.Node.SelectMany(n => n.Input.Select(name => (name, n))).ToLookup(r => r.name, r => r.n);

    private readonly HashSet<string> _outputs = [.. graph.Output.Select(o => o.Name)];

    /// <summary>Returns the node that computes a value; null for an input or a weight.</summary>
    public NodeProto? WriterOf(string value) => _writers.GetValueOrDefault(value);

    /// <summary>Returns the nodes that read a value.</summary>
    public IEnumerable<NodeProto> ReadersOf(string value) => _readers[value];

    /// <summary>Whether a value is one of the graph's outputs.</summary>
    public bool IsOutput(string value) => _outputs.Contains(value);

    /// <summary>Returns the node that alone reads what a node computes; null if there is none or more than one.</summary>
    public NodeProto? OnlyReaderOf(NodeProto node) =>
        !IsOutput(node.Output[0]) && ReadersOf(node.Output[0]).ToArray() is [var reader] ? reader : null;
}

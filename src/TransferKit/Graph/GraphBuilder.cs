namespace TransferKit.Graph;

/// <summary>
/// Builds a graph layer by layer. A layer without a name gets Keras' default, its type with a number: <c>conv2d</c>, <c>conv2d_1</c>, ….
/// </summary>
internal sealed class GraphBuilder
{
    private readonly Dictionary<string, int> _used = [];
    private readonly HashSet<string> _names = [];

    public GraphBuilder(int height, int width) => Input = Add(new InputLayer(Shape.Map(height, width, 3)), null);

    public Layer Input { get; }

    public Layer Add(LayerOp op, string? name, params ReadOnlySpan<Layer> inputs)
    {
        name ??= NextName(op.AutoName);
        if (!_names.Add(name))
            throw new InvalidOperationException($"Two layers are named '{name}'.");
        return new Layer(name, op, [.. inputs]);
    }

    private string NextName(string prefix)
    {
        _used.TryGetValue(prefix, out var n);
        _used[prefix] = n + 1;
        return n == 0 ? prefix : $"{prefix}_{n}";
    }
}

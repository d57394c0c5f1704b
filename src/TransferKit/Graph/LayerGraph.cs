using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace TransferKit.Graph;

/// <summary>Represents a whole model as data: its layers in Keras' order.</summary>
internal sealed class LayerGraph
{
    private readonly Dictionary<string, Layer> _byName;

    public LayerGraph(string name, params ImmutableArray<Layer> outputs)
    {
        Name = name;
        Outputs = outputs;
        Layers = LayerOrder.From(outputs);
        Input = Layers.First(l => l.Op is InputLayer);
        _byName = Layers.ToDictionary(l => l.Name);
    }

    /// <summary>Gets Keras' model name, such as <c>vgg16</c>.</summary>
    public string Name { get; }
    public Layer Input { get; }

    /// <summary>Gets the last layer; of a graph with several outputs, the first of them.</summary>
    public Layer Output => Outputs[0];

    /// <summary>Gets the outputs, of which a whole model may have several.</summary>
    public ImmutableArray<Layer> Outputs { get; }

    /// <summary>Gets the outputs by the names that a dictionary of Keras gives them; empty for a graph whose outputs are a list.</summary>
    public IReadOnlyDictionary<string, Layer> OutputsByKey { get; init; } = ReadOnlyDictionary<string, Layer>.Empty;

    public ImmutableArray<Layer> Layers { get; }

    public long TotalParameters => Layers.Sum(l => l.ParameterCount);
    public long TrainableParameters => Layers.Sum(l => l.TrainableCount);

    public bool TryFind(string layerName, out Layer layer) => _byName.TryGetValue(layerName, out layer!);

    /// <summary>Gets the layers that the given outputs depend on, in Keras' order.</summary>
    public ImmutableArray<Layer> Upstream(IEnumerable<Layer> outputs)
    {
        var needed = new HashSet<Layer>();
        var open = new Stack<Layer>(outputs);
        while (open.TryPop(out var layer))
        {
            if (!needed.Add(layer))
                continue;
            foreach (var input in layer.Inputs)
                open.Push(input);
        }
        return [.. Layers.Where(needed.Contains)];
    }
}

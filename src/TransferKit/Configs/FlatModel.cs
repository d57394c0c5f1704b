using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Configs;

/// <summary>
/// Represents a whole model, or a part of it, as a graph of its own that Keras can save: no layer is nested, and no name is a path.
/// Layers can be added behind it.
/// </summary>
internal sealed class FlatModel
{
    private readonly HashSet<string> _names = [];
    private readonly Dictionary<Layer, Layer> _sources = [];
    private readonly Dictionary<Layer, LayerOrigin> _origins = [];

    /// <param name="file">The name of the file in messages.</param>
    /// <param name="source">The whole model.</param>
    /// <param name="outputs">The layers that become the outputs.</param>
    /// <exception cref="KerasModelException">A layer of the file cannot be written without layers that were merged into it.</exception>
    public FlatModel(string file, ConfigGraph source, IReadOnlyCollection<Layer> outputs)
    {
        var copies = new Dictionary<Layer, Layer>();
        var owners = new Dictionary<Layer, Layer>();
        foreach (var layer in source.Graph.Upstream(outputs))
        {
            // The first call of a layer may have been cut off; then the next one that is left owns the weights.
            var first = layer.SharesWeightsOf ?? layer;
            var copy = new Layer(Unused(layer.Name.Replace('/', '_')), layer.Op, [.. layer.Inputs.Select(i => copies[i])])
            {
                SharesWeightsOf = owners.GetValueOrDefault(first),
                IsTrainable = layer.IsTrainable,
                RunsInInference = layer.RunsInInference,
            };
            owners.TryAdd(first, copy);
            copies.Add(layer, copy);
            _sources.Add(copy, layer);
            if (source.Origins.TryGetValue(layer, out var origin))
                _origins.Add(copy, origin with { Inputs = [.. origin.Inputs.Select(i => Copy(layer, i))] });
        }
        Outputs = [.. outputs.Select(o => copies[o])];

        Layer Copy(Layer reader, Layer input) => copies.TryGetValue(input, out var copy) ? copy : throw new KerasModelException(
            file, reader.Name, "stands for several operators of Keras and cannot be written alone. Save the model as it is.");
    }

    public ImmutableArray<Layer> Outputs { get; }

    /// <summary>Gets the call of the file that each layer was read from.</summary>
    public IReadOnlyDictionary<Layer, LayerOrigin> Origins => _origins;

    /// <summary>Gets the layer of the whole model that a layer is a copy of; null for a layer that was added.</summary>
    public Layer? SourceOf(Layer layer) => _sources.GetValueOrDefault(layer);

    /// <summary>Adds a layer. A name that is taken gets a number.</summary>
    public Layer Add(LayerOp op, string? name, Layer input) => new(Unused(name ?? op.AutoName), op, [input]);

    private string Unused(string name)
    {
        var unused = name;
        for (var n = 1; !_names.Add(unused); n++)
            unused = $"{name}_{n}";
        return unused;
    }
}

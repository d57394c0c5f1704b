using System.Collections.Immutable;
using TransferKit.Configs.Reading;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit.Configs;

/// <summary>
/// Binds the weights of a whole model's file by the names and paths that follow from its configuration. A nested model's weights are
/// under a path of their own in Keras 3's layout; in the legacy layout they are one list at the name of the outer layer.
/// </summary>
internal static class ConfigWeights
{
    /// <param name="file">The file. The result owns it.</param>
    /// <param name="model">The configuration in the same file.</param>
    /// <param name="graph">The graph of the configuration.</param>
    /// <exception cref="WeightsMismatchException">The file does not hold the weights that its configuration describes.</exception>
    public static BoundWeights Bind(WeightFile file, ModelConfig model, ConfigGraph graph)
    {
        var bound = new Dictionary<string, ImmutableArray<StoredWeight>>();
        var unused = file.Layers.Where(l => !l.Weights.IsEmpty).DistinctBy(l => l.Name).ToDictionary(l => l.Name);
        var places = file.Layout == WeightLayout.Keras3
            ? Keras3Places.Of(model, graph, "")
            : model.Layers.Select(entry => LegacyPlaces.Of(entry, graph));
        foreach (var place in places.Where(p => !p.IsEmpty))
        {
            if (!unused.Remove(place.Name, out var stored))
            {
                throw new WeightsMismatchException(file.Name, place.FirstLayer.Name, null, $"weights at '{place.Name}'", "none",
                    $"'{file.Name}' has no weights at '{place.Name}' for layer '{place.FirstLayer.Name}', "
                    + "which its configuration describes.");
            }
            foreach (var (layer, weights) in place.Match(file.Name, stored))
                bound.Add(layer.Name, weights);
        }
        if (unused.Keys.Order(StringComparer.Ordinal).FirstOrDefault() is { } extra)
        {
            throw new WeightsMismatchException(file.Name, null, null, "no further weights", $"'{extra}'",
                $"'{file.Name}' holds weights at '{extra}', for which its configuration has no layer.");
        }
        foreach (var layer in graph.Graph.Layers)
        {
            if (layer.SharesWeightsOf is { } first && bound.TryGetValue(first.Name, out var shared))
                bound[layer.Name] = shared;
        }
        return new BoundWeights(file, bound, unbound: null);
    }
}

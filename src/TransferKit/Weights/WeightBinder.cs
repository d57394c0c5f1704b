using System.Collections.Immutable;
using System.Globalization;
using TransferKit.Graph;

namespace TransferKit.WeightSources;

/// <summary>
/// Gives each array of a weight file its place in a graph, as Keras does: by position (old files' names say little), or
/// by layer name on request. Everything is compared before the first number is read.
/// </summary>
internal static class WeightBinder
{
    /// <summary>
    /// Binds by the order of layers with weights (Keras: <c>load_weights</c>); Keras 3's layout, by the paths that the
    /// graph's order gives.
    /// </summary>
    /// <param name="file">Taken over, also where this throws.</param>
    /// <param name="graph">The graph to fill.</param>
    /// <exception cref="WeightsMismatchException">The file does not fit the graph.</exception>
    public static BoundWeights Bind(WeightFile file, LayerGraph graph) => Owning(file, () =>
        new BoundWeights(file, file.Layout == WeightLayout.Legacy ? ByPosition(file, graph) : ByPath(file, graph), unbound: null));

    /// <summary>
    /// Binds layers that bear the same name in file and graph (Keras: <c>load_weights(by_name=True)</c>); the graph's
    /// other layers keep their initial values, drawn from <paramref name="unboundSeed"/>.
    /// </summary>
    /// <param name="file">Taken over, also where this throws.</param>
    /// <param name="graph">The graph to fill.</param>
    /// <param name="unboundSeed">The seed of the layers that the file does not name.</param>
    /// <exception cref="WeightsMismatchException">Layers of one name have other weights.</exception>
    /// <exception cref="WeightsFormatException">The file has Keras 3's layout, which has no layer names (Keras refuses too).</exception>
    public static BoundWeights BindByName(WeightFile file, LayerGraph graph, int unboundSeed = 0) => Owning(file, () =>
    {
        if (file.Layout != WeightLayout.Legacy)
            throw new WeightsFormatException(file.Name, "files of Keras 3's layout are not bound by layer name, only Keras' older .h5 files are");
        var bound = new Dictionary<string, ImmutableArray<StoredWeight>>();
        foreach (var stored in file.Layers)
        {
            if (!graph.TryFind(stored.Name, out var layer) || (stored.Weights.IsEmpty && layer.Weights.IsEmpty))
                continue;
            CheckWeights(file, layer, layer.Weights, stored);
            bound[stored.Name] = stored.Weights;
        }
        return new BoundWeights(file, bound, new InitialWeights(unboundSeed));
    });

    private static Dictionary<string, ImmutableArray<StoredWeight>> ByPosition(WeightFile file, LayerGraph graph)
    {
        var layers = graph.Layers.Where(l => !l.Weights.IsEmpty).ToArray();
        var stored = file.Layers.Where(l => !l.Weights.IsEmpty).ToArray();
        if (layers.Length != stored.Length)
            throw OtherLayers(file, graph, layers, stored);
        for (var i = 0; i < layers.Length; i++)
            CheckWeights(file, layers[i], layers[i].Weights, stored[i]);
        return layers.Zip(stored).ToDictionary(pair => pair.First.Name, pair => pair.Second.Weights);
    }

    private static Dictionary<string, ImmutableArray<StoredWeight>> ByPath(WeightFile file, LayerGraph graph)
    {
        var unused = file.Layers.DistinctBy(l => l.Name).ToDictionary(l => l.Name);
        var bound = new Dictionary<string, ImmutableArray<StoredWeight>>();
        foreach (var (path, layer, slots) in Keras3Layout.Expect(graph))
        {
            if (!unused.Remove(path, out var stored))
            {
                throw new WeightsMismatchException(file.Name, layer.Name, null, $"weights at layers/{path}", "none",
                    $"'{file.Name}' does not fit {graph.Name}: it has no weights at layers/{path} for layer '{layer.Name}'.");
            }
            CheckWeights(file, layer, [.. slots], stored);
            bound[layer.Name] = [.. bound.GetValueOrDefault(layer.Name, []), .. stored.Weights];
        }
        if (unused.Count > 0)
        {
            var first = unused.Keys.Order(StringComparer.Ordinal).First();
            throw new WeightsMismatchException(file.Name, null, null, "no further layer", $"layers/{first}",
                $"'{file.Name}' does not fit {graph.Name}: it also holds layers/{first}, for which the model has no layer.");
        }
        return bound;
    }

    private static void CheckWeights(WeightFile file, Layer layer, ImmutableArray<WeightSlot> slots, StoredLayer stored)
    {
        var place = $"layer '{layer.Name}' ({layer.Op.TypeName}; '{stored.Name}' in the file)";
        if (slots.Length != stored.Weights.Length)
        {
            throw new WeightsMismatchException(file.Name, layer.Name, null, Count(slots.Length), Count(stored.Weights.Length),
                $"'{file.Name}' does not fit the model: {place} needs {slots.Length} weights ({string.Join(", ", slots.Select(s => s.Kind))}), "
                + $"and the file has {stored.Weights.Length} ({string.Join(", ", stored.Weights.Select(w => w.Name))}).");
        }
        foreach (var (slot, weight) in slots.Zip(stored.Weights))
        {
            if (slot.Shape.Select(d => (long)d).SequenceEqual(weight.Shape))
                continue;
            var found = ShapeText(weight);
            throw new WeightsMismatchException(file.Name, layer.Name, slot.Kind, slot.ShapeText, found,
                $"'{file.Name}' does not fit the model: {place} needs a {slot.Kind} of shape {slot.ShapeText}, "
                + $"and '{weight.Name}' in the file has shape {found}.");
        }
    }

    // The number alone would not help: says also where the two part.
    private static WeightsMismatchException OtherLayers(WeightFile file, LayerGraph graph, Layer[] layers, StoredLayer[] stored)
    {
        var same = layers.Zip(stored).TakeWhile(pair => Fits(pair.First, pair.Second)).Count();
        var expected = same < layers.Length ? $"'{layers[same].Name}'" : "no further layer";
        var found = same < stored.Length ? $"'{stored[same].Name}'" : "no further layer";
        return new WeightsMismatchException(
            file.Name, same < layers.Length ? layers[same].Name : null, null, Count(layers.Length), Count(stored.Length),
            $"'{file.Name}' does not fit {graph.Name}: the model has {layers.Length} layers with weights and the file {stored.Length}. "
            + $"They part after {same}: the model has {expected} there, and the file {found}. "
            + "(A file with the classifying top does not fit a model without it, nor the other way round.)");
    }

    private static bool Fits(Layer layer, StoredLayer stored) => layer.Weights.Length == stored.Weights.Length
        && layer.Weights.Zip(stored.Weights).All(p => p.First.Shape.Select(d => (long)d).SequenceEqual(p.Second.Shape));

    private static string ShapeText(StoredWeight weight) => WeightSlot.Describe(weight.Shape.Select(d => (int)Math.Min(d, int.MaxValue)));

    private static string Count(int n) => n.ToString(CultureInfo.InvariantCulture);

    private static BoundWeights Owning(WeightFile file, Func<BoundWeights> bind)
    {
        try
        {
            return bind();
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using TransferKit.Graph;
using TransferKit.WeightSources.Files;

namespace TransferKit.WeightSources.Binding;

/// <summary>
/// Binds the arrays of a weight file to the slots of a graph, as Keras does: by position, or by layer name on request. All shapes are
/// compared before the first weight is read.
/// </summary>
internal static class WeightBinder
{
    /// <summary>
    /// Binds layers that have weights in their order (Keras: <c>load_weights</c>). In Keras 3's layout, binds by the paths that follow from
    /// the graph's order.
    /// </summary>
    /// <param name="file">The file. The result owns it; it is disposed if this method throws.</param>
    /// <param name="graph">The graph to fill.</param>
    /// <exception cref="WeightsMismatchException">The file does not fit the graph.</exception>
    public static BoundWeights Bind(WeightFile file, LayerGraph graph) => Owning(file, () =>
        new BoundWeights(file, file.Layout == WeightLayout.Legacy ? ByPosition(file, graph) : ByPath(file, graph), unbound: null));

    /// <summary>
    /// Binds a graph to the model of the file that has its weights: the file's own, or one nested in it, such as the backbone of a model
    /// that was trained in Keras.
    /// </summary>
    /// <param name="file">The file. The result owns it; it is disposed if this method throws.</param>
    /// <param name="graph">The graph to fill.</param>
    /// <param name="leavesRest">Whether the model may have more layers than the graph, such as a head.</param>
    /// <exception cref="WeightsMismatchException">No model of the file has the graph's weights, or several have them.</exception>
    public static BoundWeights BindWithin(WeightFile file, LayerGraph graph, bool leavesRest) => Owning(file, () =>
    {
        var models = file.Models;
        ModelFit[] fits = ModelFit.Of(models[0], graph, leavesRest: false) is { } whole
            ? [whole]
            : [.. models.Select(m => ModelFit.Of(m, graph, leavesRest)).OfType<ModelFit>()];
        if (fits.Length > 1)
            throw SeveralFit(file, graph, [.. fits.Select(f => f.Model)]);
        if (fits is [var fit])
        {
            ThrowIfPreparedOtherwise(file, graph, fit);
            return new BoundWeights(file, fit.Bound, unbound: null)
            {
                NestedModel = fit.Model.Path.Length == 0 ? null : fit.Model.Path,
                UnusedLayers = fit.Unused,
            };
        }
        if (models.Length > 1)
            throw NoneFits(file, graph, models);
        // A file without nested models has only one reading, and the binding by position says best where it differs.
        return Bind(file, graph);
    });

    /// <summary>
    /// Binds layers that have the same name in file and graph (Keras: <c>load_weights(by_name=True)</c>). The graph's other layers keep
    /// initial values drawn from <paramref name="unboundSeed"/>, and the result lists them. Where the file's own model names none, the
    /// nested model that names some is bound.
    /// </summary>
    /// <param name="file">The file. The result owns it; it is disposed if this method throws.</param>
    /// <param name="graph">The graph to fill.</param>
    /// <param name="unboundSeed">The seed of the layers that the file does not name.</param>
    /// <exception cref="WeightsMismatchException">No name matches a layer, or the weights of a matching layer differ.</exception>
    /// <exception cref="WeightsFormatException">The file has Keras 3's layout without layer names.</exception>
    public static BoundWeights BindByName(WeightFile file, LayerGraph graph, int unboundSeed = 0) => Owning(file, () =>
    {
        var named = new Dictionary<string, StoredLayer>();
        foreach (var layer in file.Layers.Where(l => l.LayerName is not null && !l.Weights.IsEmpty))
        {
            if (!named.TryAdd(layer.LayerName!, layer))
            {
                throw new WeightsFormatException(
                    file.Name, $"two of its layers are named '{layer.LayerName}'; load it by position (byName: false)");
            }
        }
        if (named.Count == 0 && file.Layers.Any(l => l.LayerName is null))
            throw new WeightsFormatException(file.Name, "it has no layer names and can only be loaded by position (byName: false)");

        var bound = new Dictionary<string, ImmutableArray<StoredWeight>>();
        foreach (var (name, layer, slots) in NamedSlots(file.Layout, graph))
        {
            if (!named.TryGetValue(name, out var stored))
                continue;
            CheckWeights(file, layer, [.. slots], stored);
            bound[layer.Name] = [.. bound.GetValueOrDefault(layer.Name, []), .. stored.Weights];
        }
        var layers = graph.Layers.Where(l => !l.Weights.IsEmpty).ToArray();
        string? place = null;
        if (bound.Count == 0)
        {
            StoredModel[] nested = [.. file.Models.Skip(1).Where(m => NamesAnyOf(m, layers))];
            if (nested.Length == 0)
                throw NoNameOf(file, graph, [.. named.Keys], layers);
            if (nested.Length > 1)
                throw SeveralFit(file, graph, nested);
            place = nested[0].Path;
            foreach (var (layer, stored) in layers.Join(nested[0].Layers, l => l.Name, s => s.LayerName, (l, s) => (l, s)))
            {
                var arrays = ModelFit.Arrays(layer, stored);
                CheckWeights(file, layer, layer.Weights, stored with { Weights = arrays });
                bound[layer.Name] = arrays;
            }
        }
        foreach (var layer in layers.Where(l => bound.TryGetValue(l.Name, out var found) && found.Length != l.Weights.Length))
            throw OtherCount(file, layer, bound[layer.Name]);
        return new BoundWeights(file, bound, new InitialWeights(unboundSeed))
        {
            UnboundLayers = [.. layers.Select(l => l.Name).Where(name => !bound.ContainsKey(name))],
            NestedModel = place,
        };
    });

    /// <summary>
    /// Gets the slots that each name binds to. Layers without weights are included, so that weights for them are refused.
    /// </summary>
    private static IEnumerable<(string Name, Layer Layer, IEnumerable<WeightSlot> Slots)> NamedSlots(
        WeightLayout layout, LayerGraph graph) =>
        layout == WeightLayout.Legacy
            ? graph.Layers.Select(l => (l.Name, l, (IEnumerable<WeightSlot>)l.Weights))
            : Keras3Layout.ExpectByName(graph).Concat(
                graph.Layers.Where(l => l.Weights.IsEmpty).Select(l => (l.Name, l, (IEnumerable<WeightSlot>)l.Weights)));

    private static bool NamesAnyOf(StoredModel model, Layer[] layers) => layers
        .Join(model.Layers.Where(s => !s.Weights.IsEmpty && !s.IsNested), l => l.Name, s => s.LayerName, (l, _) => l).Any();

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
        var unused = file.Layers.ToDictionary(l => l.Name);
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
        var place = Place(layer, stored.Name);
        if (slots.Length != stored.Weights.Length)
            throw OtherCount(file, place, layer.Name, slots, stored.Weights);
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

    private static string Place(Layer layer, string nameInFile) =>
        $"layer '{layer.Name}' ({layer.Op.TypeName}; '{nameInFile}' in the file)";

    private static WeightsMismatchException OtherCount(WeightFile file, Layer layer, ImmutableArray<StoredWeight> stored) =>
        OtherCount(file, Place(layer, layer.Name), layer.Name, layer.Weights, stored);

    private static WeightsMismatchException OtherCount(
        WeightFile file, string place, string layer, ImmutableArray<WeightSlot> slots, ImmutableArray<StoredWeight> stored) =>
        new(file.Name, layer, null, Count(slots.Length), Count(stored.Length),
            $"'{file.Name}' does not fit the model: {place} needs {slots.Length} weights ({string.Join(", ", slots.Select(s => s.Kind))}), "
            + $"and the file has {stored.Length} ({string.Join(", ", stored.Select(w => w.Name))}).");

    private static WeightsMismatchException NoNameOf(WeightFile file, LayerGraph graph, string[] named, Layer[] layers)
    {
        var (expected, found) = (Some(layers.Select(l => l.Name)), named.Length == 0 ? "no layer with weights" : Some(named));
        return new WeightsMismatchException(file.Name, null, null, expected, found,
            $"'{file.Name}' names no layer of {graph.Name}, so nothing would be loaded: the file has {found}, and the model {expected}. "
            + "Load it by position (byName: false), as Keras' load_weights does, or choose the network that the file was saved from.");
    }

    // Layers without weights fit any file. Those that prepare pixels would change every feature, so the configuration is asked for them.
    private static void ThrowIfPreparedOtherwise(WeightFile file, LayerGraph graph, ModelFit fit)
    {
        if (fit.Model.Outline is not { Layers.IsEmpty: false } outline || !fit.Unused.IsEmpty)
            return;
        foreach (var preparing in (string[])["Rescaling", "Normalization"])
        {
            var (expected, found) =
                (graph.Layers.Count(l => l.Op.TypeName == preparing), outline.Layers.Count(l => l.ClassName == preparing));
            if (expected == found)
                continue;
            throw new WeightsMismatchException(file.Name, null, null, $"{expected} {preparing}", $"{found} {preparing}",
                $"'{file.Name}' holds the weights of {graph.Name} in {fit.Model.Place}, but with {found} {preparing} layers in place of "
                + $"{expected}: pixels would be prepared otherwise than in training. Set IncludePreprocessing as in Keras. An EfficientNet "
                + "that began with ImageNet's weights has one Rescaling more: open such a file as a whole, with KerasModel.Open.");
        }
    }

    private static WeightsMismatchException SeveralFit(WeightFile file, LayerGraph graph, StoredModel[] models)
    {
        var places = string.Join(" and ", models.Select(m => m.Place));
        return new WeightsMismatchException(file.Name, null, null, "one model", Count(models.Length),
            $"'{file.Name}' holds the weights of {graph.Name} {models.Length} times, in {places}, and nothing says which are wanted. "
            + "Save the wanted one from Keras by itself (model.get_layer(name).save_weights) and load that file.");
    }

    private static WeightsMismatchException NoneFits(WeightFile file, LayerGraph graph, ImmutableArray<StoredModel> models)
    {
        var layers = graph.Layers.Where(l => !l.Weights.IsEmpty).ToArray();
        var closest = models
            .Select(m => (Model: m, Stored: m.Layers.Where(l => !l.Weights.IsEmpty).ToArray()))
            .MaxBy(m => (Same(m.Stored), m.Stored.Length));
        var same = Same(closest.Stored);
        var held = models.Select(m => $"{m.Place} with {m.Layers.Count(l => !l.Weights.IsEmpty)} layers");
        var reason = $"The first {same} layers of {closest.Model.Place} match; then the network has "
            + $"{(same < layers.Length ? Described(layers[same]) : "no further layer")} and the file "
            + $"{(same < closest.Stored.Length ? Described(closest.Stored[same]) : "no further layer")}. ";
        if (closest.Model.Order is StoredOrder.ByVariable or StoredOrder.Unknown)
        {
            reason += "The file does not say in which order its layers follow: if some were frozen, save the whole model (model.save), "
                + "which does. ";
        }
        return new WeightsMismatchException(
            file.Name, same < layers.Length ? layers[same].Name : null, null, Count(layers.Length), Count(closest.Stored.Length),
            $"'{file.Name}' holds {Some(held)} with weights, and none is {graph.Name}, which has {layers.Length}. {reason}"
            + "Choose the network, its width and its top as in Keras; 'transferkit weights show' lists what the file holds.");

        int Same(StoredLayer[] stored) => layers.Zip(stored).TakeWhile(p => ModelFit.Fits(p.First, p.Second)).Count();
    }

    private static string Described(Layer layer) => $"'{layer.Name}' {string.Join(", ", layer.Weights.Select(w => w.ShapeText))}";

    private static string Described(StoredLayer layer)
    {
        const int shown = 4;
        return $"'{layer.LayerName ?? layer.Name}' {string.Join(", ", layer.Weights.Take(shown).Select(ShapeText))}"
            + (layer.Weights.Length > shown ? $" and {layer.Weights.Length - shown} more" : "");
    }

    private static string Some(IEnumerable<string> names)
    {
        const int shown = 5;
        var all = names.ToArray();
        return string.Join(", ", all.Take(shown)) + (all.Length > shown ? $" and {all.Length - shown} more" : "");
    }

    // The counts alone do not help: the message also names the first layer that differs.
    private static WeightsMismatchException OtherLayers(WeightFile file, LayerGraph graph, Layer[] layers, StoredLayer[] stored)
    {
        var same = layers.Zip(stored).TakeWhile(pair => Fits(pair.First, pair.Second)).Count();
        var expected = same < layers.Length ? $"'{layers[same].Name}'" : "no further layer";
        var found = same < stored.Length ? $"'{stored[same].Name}'" : "no further layer";
        return new WeightsMismatchException(
            file.Name, same < layers.Length ? layers[same].Name : null, null, Count(layers.Length), Count(stored.Length),
            $"'{file.Name}' does not fit {graph.Name}: the model has {layers.Length} layers with weights and the file {stored.Length}. "
            + $"The first {same} match; then the model has {expected} and the file {found}. "
            + "(Weights with the classifying top fit only a model with it, and weights without it only a model without it.)");
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

using System.Collections.Immutable;

namespace TransferKit.WeightSources.Files;

/// <summary>
/// Lists the models of a weight file, the file's own first. The configuration of a whole saved model says which layers nest.
/// </summary>
internal static class StoredModels
{
    /// <summary>Lists the models of Keras 3's layout, in which each nested model is a group with layers of its own.</summary>
    public static IEnumerable<StoredModel> OfKeras3(IReadOnlyList<Keras3Group> groups, ModelOutline? outline)
    {
        var outlines = new Dictionary<string, (ModelOutline Model, int Position)>();
        if (outline is not null)
            PlaceOutlines("", outline, 0, outlines);
        var byOuter = groups.Where(g => g.Path.Length > 0).ToLookup(g => OuterOf(g.Path));
        var noted = groups.ToDictionary(g => g.Path, g => g.NotedName);
        foreach (var outer in byOuter.Select(children => children.Key).Order(StringComparer.Ordinal))
        {
            // A configuration that lacks a group of the file describes another model, so the file's own numbers decide.
            var own = byOuter[outer].All(g => outlines.ContainsKey(g.Path)) ? outlines.GetValueOrDefault(outer).Model : null;
            yield return new(
                Keras3Layout.FullPath(outer), own?.Name ?? noted.GetValueOrDefault(outer),
                own is null ? StoredOrder.ByClass : StoredOrder.Listed, [.. Inside(outer).Select(Whole)])
            {
                Outline = own,
            };
        }

        IEnumerable<Keras3Group> Inside(string outer) => byOuter[outer].OrderBy(g => outlines.GetValueOrDefault(g.Path).Position);

        // A nested model is one layer: its weights are those of all its layers, in its order.
        StoredLayer Whole(Keras3Group group) => new(group.Path, [.. group.Weights, .. Inside(group.Path).SelectMany(g => Whole(g).Weights)])
        {
            LayerName = outlines.GetValueOrDefault(group.Path).Model?.Name ?? group.NotedName,
            IsNested = byOuter.Contains(group.Path),
            Parts = byOuter[group.Path].ToImmutableDictionary(g => g.Path[(group.Path.Length + 1)..], Whole),
        };
    }

    /// <summary>Lists the models of Keras 2's layout, in which a nested model is a layer with the variables of all its layers.</summary>
    public static IEnumerable<StoredModel> OfLegacy(ImmutableArray<StoredLayer> layers, ModelOutline? outline)
    {
        yield return new("", outline?.Name, StoredOrder.Listed, [.. layers.Select(l => l with { IsNested = Parts(l).Length > 1 })])
        {
            Outline = outline,
        };
        foreach (var layer in layers)
        {
            if (Parts(layer) is not { Length: > 1 } parts)
                continue;
            var model = outline?.Layers.FirstOrDefault(l => l.Name == layer.Name && l.IsModel);
            if (model is not null && Assign(parts, model) is { } assigned)
            {
                foreach (var nested in Listed(layer.Name, model, assigned))
                    yield return nested;
            }
            else
            {
                var order = IsInModelOrder(layer, parts) ? StoredOrder.ByVariable : StoredOrder.Unknown;
                yield return new(layer.Name, layer.Name, order, parts);
            }
        }
    }

    /// <summary>
    /// Splits the variables of a layer by the layer within it that their names begin with: <c>conv1/kernel:0</c> and <c>conv1/bias:0</c>.
    /// </summary>
    private static ImmutableArray<StoredLayer> Parts(StoredLayer layer) =>
    [
        .. layer.Weights.Where(w => w.Name.Contains('/'))
            .GroupBy(w => w.Name[..w.Name.LastIndexOf('/')])
            .Select(g => new StoredLayer($"{layer.Name}/{g.Key}", [.. g]) { LayerName = g.Key[(g.Key.LastIndexOf('/') + 1)..] }),
    ];

    // Keras 2 lists the trainable variables of all layers before the others. Statistics show whether that parted layers: they never train.
    private static bool IsInModelOrder(StoredLayer layer, ImmutableArray<StoredLayer> parts)
    {
        bool[] statistics = [.. layer.Weights.Select(w => IsStatistic(w.Name))];
        if (!statistics.Contains(true))
            return false;
        var allTrain = !statistics.SkipWhile(isStatistic => !isStatistic).Contains(false);
        var noneTrains = layer.Weights.SequenceEqual(parts.SelectMany(p => p.Weights));
        return allTrain || noneTrains;
    }

    private static bool IsStatistic(string variable) =>
        variable[(variable.LastIndexOf('/') + 1)..].Split(':')[0] is "moving_mean" or "moving_variance" or "mean" or "variance" or "count";

    /// <summary>Assigns each part to the layer of the configuration that it names; null if one names none, or several.</summary>
    private static Dictionary<ModelOutline, StoredLayer>? Assign(ImmutableArray<StoredLayer> parts, ModelOutline model)
    {
        var leaves = model.Leaves().ToLookup(leaf => leaf.Layer.Name);
        var assigned = new Dictionary<ModelOutline, StoredLayer>(ReferenceEqualityComparer.Instance);
        foreach (var part in parts)
        {
            var names = part.Name.Split('/');
            var named = names.Reverse().Select(n => leaves[n].ToArray()).FirstOrDefault(found => found.Length > 0) ?? [];
            if (named.Length > 1)
                named = [.. named.Where(leaf => leaf.Models.All(names.Contains))];
            if (named.Length != 1)
                return null;
            var leaf = named[0].Layer;
            // A layer with layers inside, such as attention, has several parts.
            assigned[leaf] = assigned.TryGetValue(leaf, out var before)
                ? before with { Weights = [.. before.Weights, .. part.Weights] }
                : part with { LayerName = leaf.Name };
        }
        return assigned;
    }

    private static IEnumerable<StoredModel> Listed(
        string path, ModelOutline model, Dictionary<ModelOutline, StoredLayer> assigned)
    {
        yield return new(path, model.Name, StoredOrder.Listed, [.. model.Layers.Select(Whole)]) { Outline = model };
        foreach (var inner in model.Layers.Where(l => l.IsModel))
        {
            foreach (var nested in Listed($"{path}/{inner.Name}", inner, assigned))
                yield return nested;
        }

        StoredLayer Whole(ModelOutline layer) => new($"{path}/{layer.Name}", [.. Variables(layer)])
        {
            LayerName = layer.Name,
            IsNested = layer.IsModel,
        };

        IEnumerable<StoredWeight> Variables(ModelOutline layer) => layer.IsModel
            ? layer.Layers.SelectMany(Variables)
            : assigned.TryGetValue(layer, out var found) ? found.Weights : [];
    }

    private static void PlaceOutlines(
        string path, ModelOutline model, int position, Dictionary<string, (ModelOutline Model, int Position)> outlines)
    {
        outlines[path] = (model, position);
        var names = new ContainerNames();
        for (var i = 0; i < model.Layers.Length; i++)
        {
            var name = names.Next(model.Layers[i].ClassName);
            PlaceOutlines(path.Length == 0 ? name : $"{path}/{name}", model.Layers[i], i, outlines);
        }
    }

    private static string OuterOf(string path) => path.Contains('/') ? path[..path.LastIndexOf('/')] : "";
}

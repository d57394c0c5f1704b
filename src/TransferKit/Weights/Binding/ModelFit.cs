using System.Collections.Immutable;
using System.Globalization;
using TransferKit.Graph;
using TransferKit.WeightSources.Files;

namespace TransferKit.WeightSources.Binding;

/// <summary>Represents the weights of a graph in one model of a file.</summary>
/// <param name="Model">The model of the file that the graph's weights were found in.</param>
/// <param name="Bound">The arrays of each of the graph's layers, in the order of its slots.</param>
/// <param name="Unused">The names of the model's layers with weights that the graph does not have.</param>
internal sealed record ModelFit(
    StoredModel Model, IReadOnlyDictionary<string, ImmutableArray<StoredWeight>> Bound, ImmutableArray<string> Unused)
{
    /// <summary>
    /// Fits a graph to a model of a file: by the order of layers as far as the file tells it, else by their names. Every number of weights
    /// and every shape is compared.
    /// </summary>
    /// <param name="model">The model of the file.</param>
    /// <param name="graph">The graph to fill.</param>
    /// <param name="leavesRest">Whether the model may have layers before and after those of the graph, such as a head.</param>
    /// <returns>The fit; null if there is none, or if the layers could be chosen in more than one way.</returns>
    public static ModelFit? Of(StoredModel model, LayerGraph graph, bool leavesRest)
    {
        Layer[] layers = [.. graph.Layers.Where(l => !l.Weights.IsEmpty)];
        StoredLayer[] stored = [.. model.Layers.Where(l => !l.Weights.IsEmpty)];
        if (layers.Length > stored.Length || (layers.Length < stored.Length && !leavesRest))
            return null;
        return model.Order switch
        {
            StoredOrder.Listed => InOrder(model, layers, stored) ?? ByName(model, layers, stored),
            StoredOrder.ByClass => ByName(model, layers, stored) ?? ByPath(model, graph, stored),
            StoredOrder.ByVariable => ByName(model, layers, stored) ?? InOrder(model, layers, stored),
            _ => ByName(model, layers, stored),
        };
    }

    private static ModelFit? InOrder(StoredModel model, Layer[] layers, StoredLayer[] stored)
    {
        var starts = Enumerable.Range(0, stored.Length - layers.Length + 1)
            .Where(start => layers.Index().All(l => Fits(l.Item, stored[start + l.Index])))
            .Take(2).ToArray();
        return starts is [var only] ? Of(model, stored, layers.Zip(stored.Skip(only))) : null;
    }

    private static ModelFit? ByName(StoredModel model, Layer[] layers, StoredLayer[] stored)
    {
        if (AlignedNames(layers, stored) is not { } named)
            return null;
        var pairs = layers.Select(l => (First: l, Second: named[l])).ToArray();
        return pairs.All(p => Fits(p.First, p.Second)) ? Of(model, stored, pairs) : null;
    }

    private static ModelFit? ByPath(StoredModel model, LayerGraph graph, StoredLayer[] stored)
    {
        var byPath = stored.ToDictionary(GroupOf);
        var pairs = new List<(Layer, StoredLayer)>();
        var names = new ContainerNames();
        foreach (var layer in graph.Layers)
        {
            var group = names.Next(layer.Op.TypeName);
            if (layer.Weights.IsEmpty)
                continue;
            if (!byPath.Remove(group, out var found) || !Fits(layer, found))
                return null;
            pairs.Add((layer, found));
        }
        // Without names, a layer of the same class could stand before the graph's, whose numbers would then be others.
        var classes = pairs.Select(p => p.Item1.Op.AutoName).ToHashSet();
        return byPath.Keys.Any(rest => classes.Contains(Numbered(rest).Kind)) ? null : Of(model, stored, pairs);
    }

    private static ModelFit? Of(StoredModel model, StoredLayer[] stored, IEnumerable<(Layer First, StoredLayer Second)> pairs)
    {
        var chosen = pairs.ToList();
        var used = chosen.Select(p => p.Second).ToHashSet();
        if (!AreTogether(model.Order, stored, used))
            return null;
        return new(
            model, chosen.ToDictionary(p => p.First.Name, p => Arrays(p.First, p.Second)),
            [.. stored.Where(s => !used.Contains(s)).Select(s => s.LayerName ?? s.Name)]);
    }

    // A deeper network, such as ResNet101, has all names and shapes of a shallower one, but with other layers between them.
    private static bool AreTogether(StoredOrder order, StoredLayer[] stored, HashSet<StoredLayer> used) => order switch
    {
        _ when used.Count == stored.Length => true,
        StoredOrder.Unknown => false,
        StoredOrder.ByClass => stored.GroupBy(s => Numbered(GroupOf(s)).Kind)
            .All(kind => IsOneRun(kind.OrderBy(s => Numbered(GroupOf(s)).Number).Select(used.Contains))),
        _ => IsOneRun(stored.Select(used.Contains)),
    };

    private static bool IsOneRun(IEnumerable<bool> isUsed) => !isUsed.SkipWhile(u => !u).SkipWhile(u => u).Contains(true);

    /// <summary>
    /// Tells whether a stored layer has the weights of a layer. A nested model only has those of a <see cref="Sequential"/>.
    /// </summary>
    public static bool Fits(Layer layer, StoredLayer stored)
    {
        if (stored.IsNested && layer.Op is not Sequential)
            return false;
        var arrays = Arrays(layer, stored);
        return layer.Weights.Length == arrays.Length
            && layer.Weights.Zip(arrays).All(p => p.First.Shape.Select(d => (long)d).SequenceEqual(p.Second.Shape));
    }

    /// <summary>
    /// Gets the arrays of a stored layer in the order of the layer's slots. Keras 3 numbers the groups inside a
    /// <see cref="Sequential"/> by class, so their order follows from its steps.
    /// </summary>
    public static ImmutableArray<StoredWeight> Arrays(Layer layer, StoredLayer stored)
    {
        if (stored.Parts.IsEmpty || layer.Op is not Sequential sequential)
            return stored.Weights;
        var names = new ContainerNames();
        return
        [
            .. sequential.Steps.Select(step => names.Next(step.TypeName))
                .SelectMany(name => stored.Parts.TryGetValue(name, out var part) ? part.Weights : []),
        ];
    }

    /// <summary>
    /// Finds each layer by its name. Keras numbers layers without a name over all models of a process, so of <c>conv2d_94</c> and
    /// <c>conv2d_95</c> the first is the graph's <c>conv2d</c>.
    /// </summary>
    private static Dictionary<Layer, StoredLayer>? AlignedNames(Layer[] layers, StoredLayer[] stored)
    {
        var byName = new Dictionary<string, StoredLayer>();
        if (!stored.All(s => s.LayerName is { } name && byName.TryAdd(name, s)))
            return null;
        var aligned = new Dictionary<Layer, StoredLayer>();
        foreach (var kind in layers.GroupBy(l => Numbered(l.Name).Kind == l.Op.AutoName ? l.Op.AutoName : null))
        {
            StoredLayer[] found = kind.Key is null
                ? [.. kind.Select(l => byName.GetValueOrDefault(l.Name)).OfType<StoredLayer>()]
                : [.. byName.Where(n => Numbered(n.Key).Kind == kind.Key).OrderBy(n => Numbered(n.Key).Number).Select(n => n.Value)];
            if (found.Length != kind.Count())
                return null;
            IEnumerable<Layer> ordered = kind.Key is null ? kind : kind.OrderBy(l => Numbered(l.Name).Number);
            foreach (var (layer, itsWeights) in ordered.Zip(found))
                aligned.Add(layer, itsWeights);
        }
        return aligned;
    }

    private static (string Kind, int Number) Numbered(string name)
    {
        var at = name.LastIndexOf('_');
        return at > 0 && int.TryParse(name.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (name[..at], number)
            : (name, 0);
    }

    private static string GroupOf(StoredLayer layer) => layer.Name[(layer.Name.LastIndexOf('/') + 1)..];
}

using System.Globalization;
using TransferKit.Graph;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.WeightSources.Files;

/// <summary>
/// Reads Keras 3's <c>.weights.h5</c>, which holds a layer's weights as <c>layers/NAME/vars/0</c>, <c>1</c>, …. NAME is the layer's class
/// in snake case, numbered in the model's order, as in <c>conv2d_1</c> (Keras: <c>_save_container_state</c> in
/// <c>saving/saving_lib.py</c>).
/// </summary>
internal static class Keras3Layout
{
    // TensorFlow 2.13 wrote the second name.
    private static readonly string[] Containers = ["layers", "_layer_checkpoint_dependencies"];

    public static Hdf5Group? Find(Hdf5Group root) => Containers
        .Select(name => root.Find(name) as Hdf5Group)
        .FirstOrDefault(group => group is not null);

    /// <summary>
    /// Reads all layers that have weights, named by their path: <c>conv2d_1</c>, <c>sequential/conv2d</c>. The layer name of a nested layer
    /// is the outer layer's name and the path within it: <c>stem/conv2d</c>.
    /// </summary>
    public static IEnumerable<StoredLayer> Read(string file, Hdf5Group container)
    {
        // Keras writes a tree. In a graph with cycles the walk would not end, so a second visit is refused.
        var reached = new HashSet<long> { container.Address };
        var open = new Stack<(string Path, string? Name, Hdf5Group Group)>();
        Push(container, outer: null);
        while (open.TryPop(out var layer))
        {
            if (!reached.Add(layer.Group.Address))
                throw new WeightsFormatException(file, $"its group '{layer.Group.Path}' is reached a second time, by another path");
            if (Vars(layer.Path, layer.Group) is { Length: > 0 } weights)
                yield return new StoredLayer(layer.Path, [.. weights]) { LayerName = layer.Name };
            if (Find(layer.Group) is not { } nested)
                continue;
            if (!reached.Add(nested.Address))
                throw new WeightsFormatException(file, $"its group '{nested.Path}' is reached a second time, by another path");
            Push(nested, layer);
        }

        void Push(Hdf5Group from, (string Path, string? Name, Hdf5Group Group)? outer)
        {
            foreach (var group in from.Children.OfType<Hdf5Group>().Reverse())
            {
                open.Push(outer is { } o
                    ? ($"{o.Path}/{group.Name}", o.Name is null ? null : $"{o.Name}/{group.Name}", group)
                    : (group.Name, NotedName(group), group));
            }
        }
    }

    /// <summary>
    /// Gets the path, the layer and the layer's slots for each group in which Keras 3 stores a graph's weights, in order.
    /// </summary>
    public static IEnumerable<(string Path, Layer Layer, IEnumerable<WeightSlot> Slots)> Expect(LayerGraph graph)
    {
        var names = new ContainerNames();
        foreach (var layer in graph.Layers)
        {
            var path = names.Next(layer.Op);
            if (layer.Op is not Sequential sequential)
            {
                if (!layer.Weights.IsEmpty)
                    yield return (path, layer, layer.Weights);
                continue;
            }
            var inner = new ContainerNames();
            var shape = layer.Inputs[0].OutputShape;
            var taken = 0;
            foreach (var step in sequential.Steps)
            {
                var count = step.Weights(shape).Length;
                var stepPath = $"{path}/{inner.Next(step)}";
                if (count > 0)
                    yield return (stepPath, layer, layer.Weights.Skip(taken).Take(count).ToArray());
                taken += count;
                shape = step.Infer([shape]);
            }
        }
    }

    /// <summary>Gets the same slots by <see cref="StoredLayer.LayerName"/> instead of by path.</summary>
    public static IEnumerable<(string LayerName, Layer Layer, IEnumerable<WeightSlot> Slots)> ExpectByName(LayerGraph graph) =>
        Expect(graph).Select(e => (string.Join('/', [e.Layer.Name, .. e.Path.Split('/').Skip(1)]), e.Layer, e.Slots));

    // Keras 3 stores the layer's name beside its variables (Keras: H5IOStore.make).
    private static string? NotedName(Hdf5Group group) =>
        group.Find("vars") is Hdf5Group vars ? ChunkedAttribute.Read(vars, "name").FirstOrDefault() : null;

    private static StoredWeight[] Vars(string path, Hdf5Group group)
    {
        if (group.Find("vars") is not Hdf5Group vars)
            return [];
        return [.. vars.Children.OfType<Hdf5Dataset>()
            .OrderBy(d => int.TryParse(d.Name, CultureInfo.InvariantCulture, out var n) ? n : int.MaxValue)
            .Select(d => new StoredWeight($"{path}/vars/{d.Name}", d))];
    }

    private sealed class ContainerNames
    {
        private readonly Dictionary<string, int> _used = [];

        public string Next(LayerOp op)
        {
            var name = op.AutoName;
            var n = _used[name] = _used.GetValueOrDefault(name, -1) + 1;
            return n == 0 ? name : $"{name}_{n}";
        }
    }
}

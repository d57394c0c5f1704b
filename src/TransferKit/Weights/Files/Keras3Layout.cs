using System.Collections.Immutable;
using System.Globalization;
using TransferKit.Graph;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.WeightSources.Files;

/// <summary>Represents the group of a layer in Keras 3's layout, which may have no variables.</summary>
/// <param name="Path">The names of the layers' groups, without the containers between them.</param>
/// <param name="NotedName">Keras' name of the layer; null if the file does not store it.</param>
/// <param name="Weights">The layer's own variables.</param>
internal sealed record Keras3Group(string Path, string? NotedName, ImmutableArray<StoredWeight> Weights);

/// <summary>
/// Reads Keras 3's <c>.weights.h5</c>, which holds a layer's weights as <c>layers/NAME/vars/0</c>, <c>1</c>, …. NAME is the layer's class
/// in snake case, numbered in the model's order, as in <c>conv2d_1</c> (Keras: <c>_save_container_state</c> in
/// <c>saving/saving_lib.py</c>).
/// </summary>
internal static class Keras3Layout
{
    // TensorFlow 2.12 to 2.14 wrote the second name.
    private static readonly string[] Containers = ["layers", "_layer_checkpoint_dependencies"];

    public static Hdf5Group? Find(Hdf5Group root) => Containers
        .Select(name => root.Find(name) as Hdf5Group)
        .FirstOrDefault(group => group is not null);

    /// <summary>
    /// Reads the groups of a file that TensorFlow 2.12 to 2.15 wrote on Windows, where each path is one name at the root,
    /// <c>layers\sequential\layers\conv2d</c>. Returns none for other files.
    /// </summary>
    /// <exception cref="WeightsFormatException">Two groups have one path.</exception>
    public static IReadOnlyList<Keras3Group> ReadWindows(string file, Hdf5Group root)
    {
        var groups = new List<Keras3Group>();
        var paths = new HashSet<string>();
        foreach (var group in root.Children.OfType<Hdf5Group>().Where(g => g.Name.Contains('\\', StringComparison.Ordinal)))
        {
            if (PathOf(group.Name.Replace('\\', '/') + "/vars") is not { } path)
                continue;
            if (!paths.Add(path))
                throw new WeightsFormatException(file, $"it has two groups named '{path}'");
            groups.Add(new(path, NotedName(group), [.. Vars(path, group)]));
        }
        return groups;
    }

    /// <summary>Gets a path as the file spells it: <c>layers/sequential/layers/conv2d</c> for <c>sequential/conv2d</c>.</summary>
    public static string FullPath(string path) =>
        path.Length == 0 ? "" : string.Concat(path.Split('/').Select(name => $"/{Containers[0]}/{name}"))[1..];

    /// <summary>
    /// Gets the path of the layer whose variables a key of an index names: <c>conv2d</c> for <c>/layers/conv2d/vars</c>; null if they are
    /// not a layer's, but the optimizer's.
    /// </summary>
    public static string? PathOf(string key)
    {
        var names = key.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names.Length < 3 || names[^1] != "vars" || names.Length % 2 == 0)
            return null;
        return names.Where((_, i) => i % 2 == 0).SkipLast(1).All(Containers.Contains)
            ? string.Join('/', names.Where((_, i) => i % 2 == 1))
            : null;
    }

    /// <summary>Reads the groups of all layers, named by their path: <c>conv2d_1</c>, <c>sequential/conv2d</c>.</summary>
    public static IEnumerable<Keras3Group> Read(string file, Hdf5Group container)
    {
        // Keras writes a tree. In a graph with cycles the walk would not end, so a second visit is refused.
        var reached = new HashSet<long> { container.Address };
        // The empty path is the model's own.
        var paths = new HashSet<string> { "" };
        var open = new Stack<(string Path, Hdf5Group Group)>();
        Push(container, "");
        while (open.TryPop(out var layer))
        {
            if (!reached.Add(layer.Group.Address))
                throw new WeightsFormatException(file, $"its group '{layer.Group.Path}' is reached a second time, by another path");
            if (!paths.Add(layer.Path))
                throw new WeightsFormatException(file, $"it has two groups named '{layer.Path}'");
            yield return new Keras3Group(layer.Path, NotedName(layer.Group), [.. Vars(layer.Path, layer.Group)]);
            if (Find(layer.Group) is not { } nested)
                continue;
            if (!reached.Add(nested.Address))
                throw new WeightsFormatException(file, $"its group '{nested.Path}' is reached a second time, by another path");
            Push(nested, $"{layer.Path}/");
        }

        void Push(Hdf5Group from, string outer)
        {
            foreach (var group in from.Children.OfType<Hdf5Group>().Reverse())
                open.Push(($"{outer}{group.Name}", group));
        }
    }

    /// <summary>
    /// Gets the layers that have weights. The layer name of a nested layer is the outer layer's name and the path within it:
    /// <c>stem/conv2d</c>.
    /// </summary>
    public static IEnumerable<StoredLayer> Layers(IEnumerable<Keras3Group> groups)
    {
        var all = groups.ToList();
        var noted = all.ToDictionary(g => g.Path, g => g.NotedName);
        return all.Where(g => !g.Weights.IsEmpty).Select(g => new StoredLayer(g.Path, g.Weights) { LayerName = NameOf(g.Path) });

        string? NameOf(string path) => path.Split('/', 2) is [var outer, var inner]
            ? noted.GetValueOrDefault(outer) is { } name ? $"{name}/{inner}" : null
            : noted[path];
    }

    /// <summary>
    /// Gets the path, the layer and the layer's slots for each group in which Keras 3 stores a graph's weights, in order.
    /// </summary>
    public static IEnumerable<(string Path, Layer Layer, IEnumerable<WeightSlot> Slots)> Expect(LayerGraph graph)
    {
        var names = new ContainerNames();
        foreach (var layer in graph.Layers)
        {
            var path = names.Next(layer.Op.TypeName);
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
                var stepPath = $"{path}/{inner.Next(step.TypeName)}";
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
    public static string? NotedName(Hdf5Group group) =>
        group.Find("vars") is Hdf5Group vars ? ChunkedAttribute.Read(vars, "name").FirstOrDefault() : null;

    private static StoredWeight[] Vars(string path, Hdf5Group group)
    {
        if (group.Find("vars") is not Hdf5Group vars)
            return [];
        return [.. vars.Children.OfType<Hdf5Dataset>()
            .OrderBy(d => int.TryParse(d.Name, CultureInfo.InvariantCulture, out var n) ? n : int.MaxValue)
            .Select(d => new StoredWeight($"{path}/vars/{d.Name}", d))];
    }
}

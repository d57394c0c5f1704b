using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs;

/// <summary>
/// Finds where Keras 3's layout stores each layer: under the class in snake case, numbered in the model's order, and for a nested model
/// under the model's path (Keras: <c>_save_container_state</c> in <c>saving/saving_lib.py</c>).
/// </summary>
internal static class Keras3Places
{
    public static IEnumerable<WeightPlace> Of(ModelConfig model, ConfigGraph graph, string outer)
    {
        var used = new Dictionary<string, int>();
        // Operators are no layers for Keras, so they do not count.
        foreach (var entry in model.Layers.Where(l => l.Module?.StartsWith("keras.src.ops", StringComparison.Ordinal) != true))
        {
            var name = KerasNames.SnakeCase(entry.ClassName);
            var n = used[name] = used.GetValueOrDefault(name, -1) + 1;
            var path = $"{outer}{name}{(n == 0 ? "" : $"_{n}")}";
            if (entry.Model is { } nested)
            {
                foreach (var place in Of(nested, graph, path + "/"))
                    yield return place;
            }
            else if (graph.Layers.TryGetValue(entry, out var layer))
            {
                yield return WeightPlace.Of(path, layer);
            }
        }
    }
}

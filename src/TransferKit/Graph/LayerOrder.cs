using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>
/// Computes Keras' order of a model's layers: by distance from the output, farthest first, and then by the order of a walk from the output.
/// Weight files are bound by this order (Keras: <c>map_graph</c> in <c>ops/function.py</c>).
/// </summary>
internal static class LayerOrder
{
    public static ImmutableArray<Layer> From(params ImmutableArray<Layer> outputs)
    {
        var met = new Dictionary<Layer, int>();
        var finished = new List<Layer>();
        foreach (var output in outputs)
            Walk(output, met, finished);

        var depth = new Dictionary<Layer, int>();
        for (var i = finished.Count - 1; i >= 0; i--)
        {
            var own = depth.GetValueOrDefault(finished[i]);
            depth[finished[i]] = own;
            foreach (var input in finished[i].Inputs)
                depth[input] = Math.Max(own + 1, depth.GetValueOrDefault(input));
        }
        return [.. met.Keys.OrderByDescending(l => depth[l]).ThenBy(l => met[l])];
    }

    // A recursive walk could overflow the stack on the deepest backbones, which have over a thousand layers.
    private static void Walk(Layer output, Dictionary<Layer, int> met, List<Layer> finished)
    {
        var path = new Stack<(Layer Layer, int NextInput)>();
        if (met.TryAdd(output, met.Count))
            path.Push((output, 0));
        while (path.TryPop(out var at))
        {
            if (at.NextInput == at.Layer.Inputs.Length)
            {
                finished.Add(at.Layer);
                continue;
            }
            path.Push((at.Layer, at.NextInput + 1));
            var input = at.Layer.Inputs[at.NextInput];
            if (met.TryAdd(input, met.Count))
                path.Push((input, 0));
        }
    }
}

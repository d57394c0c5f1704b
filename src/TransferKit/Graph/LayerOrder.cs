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
            depth.TryGetValue(finished[i], out var own);
            depth[finished[i]] = own;
            foreach (var input in finished[i].Inputs)
            {
                depth.TryGetValue(input, out var other);
                depth[input] = Math.Max(own + 1, other);
            }
        }
        finished.Sort((a, b) => depth[a] != depth[b] ? depth[b].CompareTo(depth[a]) : met[a].CompareTo(met[b]));
        return [.. finished];
    }

    // A recursive walk could overflow the stack on the deepest backbones, which have over a thousand layers.
    private static void Walk(Layer output, Dictionary<Layer, int> met, List<Layer> finished)
    {
        var path = new Stack<Step>();
        if (met.TryAdd(output, met.Count))
            path.Push(new(output));
        while (path.TryPeek(out var at))
        {
            if (at.NextInput == at.Layer.Inputs.Length)
            {
                finished.Add(at.Layer);
                path.Pop();
                continue;
            }
            var input = at.Layer.Inputs[at.NextInput++];
            if (met.TryAdd(input, met.Count))
                path.Push(new(input));
        }
    }

    /// <summary>A layer on the path of the walk.</summary>
    private sealed class Step(Layer layer)
    {
        public Layer Layer { get; } = layer;
        public int NextInput { get; set; }
    }
}

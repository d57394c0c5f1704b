using TransferKit.Graph;

namespace TransferKit.Training.Fitting;

/// <summary>The part of a graph before everything that changes in training.</summary>
internal static class FrozenFront
{
    /// <summary>
    /// The last layer through which all goes that reaches a layer that changes; the input, where nothing before is frozen.
    /// What it gives for an image stays the same for a whole fit.
    /// </summary>
    public static Layer Last(LayerGraph graph, Func<Layer, bool> changes)
    {
        var changing = graph.Layers.Where(changes).ToHashSet();
        return graph.Layers.Reverse().FirstOrDefault(l => !changing.Overlaps(graph.Upstream([l])) && IsPassedByAll(graph, l)) ?? graph.Input;
    }

    private static bool IsPassedByAll(LayerGraph graph, Layer gate)
    {
        var met = new HashSet<Layer>();
        var open = new Stack<Layer>([graph.Output]);
        while (open.TryPop(out var layer))
        {
            if (layer == gate || !met.Add(layer))
                continue;
            if (layer.Inputs.IsEmpty)
                return false;
            foreach (var input in layer.Inputs)
                open.Push(input);
        }
        return true;
    }
}

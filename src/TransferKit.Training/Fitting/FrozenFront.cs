using TransferKit.Graph;

namespace TransferKit.Training.Fitting;

/// <summary>Finds the layers of a graph whose outputs do not change during a fit.</summary>
internal static class FrozenFront
{
    /// <summary>
    /// Finds the last layer that every path from the input passes before any changing layer, or the input if there is
    /// none. Its output for an image stays the same during a fit.
    /// </summary>
    public static Layer Last(LayerGraph graph, Func<Layer, bool> changes)
    {
        var changing = graph.Layers.Where(changes).ToHashSet();
        return graph.Layers.Reverse().FirstOrDefault(l => !changing.Overlaps(graph.Upstream([l])) && IsOnEveryPath(graph, l))
            ?? graph.Input;
    }

    private static bool IsOnEveryPath(LayerGraph graph, Layer candidate)
    {
        var met = new HashSet<Layer>();
        var open = new Stack<Layer>([graph.Output]);
        while (open.TryPop(out var layer))
        {
            if (layer == candidate || !met.Add(layer))
                continue;
            if (layer.Inputs.IsEmpty)
                return false;
            foreach (var input in layer.Inputs)
                open.Push(input);
        }
        return true;
    }
}

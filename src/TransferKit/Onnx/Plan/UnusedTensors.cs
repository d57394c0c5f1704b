using Onnx;

namespace TransferKit.Onnx.Plan;

/// <summary>Removes the tensors of a graph that no node reads, which a rewrite leaves.</summary>
internal static class UnusedTensors
{
    public static void Drop(GraphProto graph)
    {
        var used = graph.Node.SelectMany(n => n.Input).ToHashSet();
        foreach (var unused in graph.Initializer.Where(t => !used.Contains(t.Name)).ToArray())
            graph.Initializer.Remove(unused);
    }
}

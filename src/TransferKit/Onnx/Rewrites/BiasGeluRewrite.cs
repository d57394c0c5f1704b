using Onnx;
using TransferKit.Operators;

namespace TransferKit.Onnx.Rewrites;

/// <summary>Replaces the sum of a bias and GELU that ONNX Runtime's optimiser has fused with <see cref="BiasGeluOperator"/>.</summary>
internal static class BiasGeluRewrite
{
    /// <summary>Rewrites the nodes and returns whether there were any.</summary>
    public static bool Apply(GraphProto graph)
    {
        var biases = graph.Initializer
            .Where(t => t.Dims is [var channels] && channels % BiasGeluOperator.ChannelsAtOnce == 0)
            .Select(t => t.Name)
            .ToHashSet();
        var nodes = graph.Node
            .Where(n => n is { Domain: CustomNodes.Microsoft, OpType: "BiasGelu" } && biases.Contains(n.Input[1]))
            .ToArray();
        foreach (var node in nodes)
            node.Become(BiasGeluOperator.Name, [], []);
        return nodes.Length > 0;
    }
}

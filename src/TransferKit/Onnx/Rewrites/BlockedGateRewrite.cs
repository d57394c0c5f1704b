using Onnx;
using TransferKit.Operators;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// Keeps squeeze-and-excitation in blocks. ONNX Runtime cannot multiply the channels of a blocked map, nor average those that do not fill
/// their last block, so its optimiser takes the map out of the blocks for that and puts the result back. What stands in the channels that
/// fill a block up does not matter, because the kernels that read them have zeros there.
/// </summary>
internal static class BlockedGateRewrite
{
    private const string Mean = "GlobalAveragePool";

    /// <summary>Rewrites the nodes and returns whether there were any for which sessions need our operator.</summary>
    /// <param name="graph">The optimised graph.</param>
    /// <param name="lanes">The number of channels of its blocks, 8 or 16.</param>
    public static bool Apply(GraphProto graph, int lanes)
    {
        var index = new NodeIndex(graph);
        var shapes = CustomNodes.Shapes(graph);
        var products = 0;
        foreach (var node in graph.Node.Where(n => n is { Domain: "", OpType: "Mul" or Mean } && IsBlockedAgain(n)).ToArray())
        {
            if (node.OpType == Mean && BlockedOf(node.Input[0]) is { } mapped)
            {
                node.Domain = CustomNodes.Blocked;
                Rewire(node, mapped);
            }
            else if (node.Input is [var map, var factors] && BlockedOf(map) is { } left && BlockedOf(factors) is { } right
                && IsOfOnePlace(map) != IsOfOnePlace(factors) && ChannelsOf(map) == ChannelsOf(factors))
            {
                node.Become(BlockedGateOperator.Name, BlockedGateOperator.Attributes, [lanes]);
                if (IsOfOnePlace(map))
                    Rewire(node, right, left);
                else
                    Rewire(node, left, right);
                products++;
            }
        }
        return products > 0;

        // Whether all that reads the node's output are nodes that put it into blocks.
        bool IsBlockedAgain(NodeProto node) =>
            !index.IsOutput(node.Output[0])
            && index.ReadersOf(node.Output[0]).All(r => IsReorder(r, "ReorderInput"));

        // Returns the name of a value in blocks; null if it does not come from there.
        string? BlockedOf(string value) =>
            index.WriterOf(value) is { } writer && IsReorder(writer, "ReorderOutput") ? writer.Input[0] : null;

        bool IsOfOnePlace(string value) =>
            shapes.TryGetValue(value, out var shape) && shape is [_, _, 1, 1];

        long? ChannelsOf(string value) => shapes.TryGetValue(value, out var shape) ? shape[1] : null;

        void Rewire(NodeProto node, params string[] inputs)
        {
            var outside = node.Input.Distinct().ToArray();
            node.Input.Clear();
            node.Input.Add(inputs);
            foreach (var blocking in index.ReadersOf(node.Output[0]))
            {
                foreach (var reader in index.ReadersOf(blocking.Output[0]))
                    reader.Input[reader.Input.IndexOf(blocking.Output[0])] = node.Output[0];
                graph.Node.Remove(blocking);
            }
            // Its shape is that of all its blocks now.
            if (graph.ValueInfo.FirstOrDefault(v => v.Name == node.Output[0]) is { } info)
                graph.ValueInfo.Remove(info);
            foreach (var value in outside.Where(v => !index.IsOutput(v) && graph.Node.All(n => !n.Input.Contains(v))))
                graph.Node.Remove(index.WriterOf(value));
        }
    }

    private static bool IsReorder(NodeProto node, string name) =>
        node.Domain == CustomNodes.Blocked && node.OpType == name && node.Whole("channels_last") is null or 0;
}

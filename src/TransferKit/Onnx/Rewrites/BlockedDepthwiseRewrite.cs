using Onnx;
using TransferKit.Operators;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// Replaces depthwise convolutions of a model that ONNX Runtime has optimised with <see cref="BlockedDepthwiseOperator"/>, which also
/// computes Swish after them, and before them Swish and a 1x1 convolution. The operator uses the same blocked layout.
/// </summary>
internal static class BlockedDepthwiseRewrite
{
    // With long vectors a 1x1 convolution of few channels takes less time than writing and reading its map, unless the map is small enough
    // for the caches. With more channels ONNX Runtime's own kernel is faster.
    private const long LeastFloats = 100_000;
    private const int MostInputs = 48;

    private const string SwishName = "QuickGelu";

    /// <summary>Rewrites the nodes and returns whether there were any.</summary>
    /// <param name="graph">The optimised graph.</param>
    /// <param name="lanes">The number of channels of its blocks, 8 or 16.</param>
    public static bool Apply(GraphProto graph, int lanes)
    {
        var kernels = graph.Initializer.ToDictionary(t => t.Name);
        var index = new NodeIndex(graph);
        var shapes = CustomNodes.ShapesOfConvolutions(graph);
        var isRewritten = false;
        foreach (var node in graph.Node.Where(n => Takes(n, kernels)).ToArray())
        {
            if (ActivationOf(node) is not { } activation)
                continue;
            var kernel = kernels[node.Input[1]];
            var after = index.OnlyReaderOf(node);
            if (activation.Kind == MapActivationKind.None && IsSwish(after))
            {
                activation = new(MapActivationKind.Swish);
                node.Output[0] = after!.Output[0];
                graph.Node.Remove(after);
            }
            CustomNodes.AddMissingBias(graph, node, kernel);
            var rows = default(MapActivation);
            if (Before(node) is { } before && IsSwish(before))
            {
                rows = new(MapActivationKind.Swish);
                node.Input[0] = before.Input[0];
                graph.Node.Remove(before);
            }
            if (Before(node) is { } expansion && IsExpansion(expansion, kernels, lanes) && FloatsOf(expansion) >= LeastFloats
                && ActivationOf(expansion) is { } expanded
                && (rows.Kind == MapActivationKind.None || expanded.Kind == MapActivationKind.None))
            {
                rows = rows.Kind == MapActivationKind.None ? expanded : rows;
                CustomNodes.AddMissingBias(graph, expansion, kernels[expansion.Input[1]]);
                node.Input[0] = expansion.Input[0];
                node.Input.Add([expansion.Input[1], expansion.Input[2]]);
                graph.Node.Remove(expansion);
            }
            long[] values =
            [
                .. node.Numbers("kernel_shape"), node.Numbers("strides")[0], .. node.Numbers("pads"), lanes,
                .. BlockedDepthwiseOperator.Values(rows), .. BlockedDepthwiseOperator.Values(activation),
            ];
            var name = node.Input.Count > 3 ? BlockedDepthwiseOperator.Expanding : BlockedDepthwiseOperator.Name;
            node.Become(name, BlockedDepthwiseOperator.Attributes, values);
            isRewritten = true;
        }
        return isRewritten;

        long FloatsOf(NodeProto node) =>
            shapes.TryGetValue(node.Name, out var shape) ? shape[1] * shape[2] * shape[3] : 0;

        // Returns the node whose output this one alone reads.
        NodeProto? Before(NodeProto node) =>
            index.WriterOf(node.Input[0]) is { } writer && index.OnlyReaderOf(writer) is not null ? writer : null;
    }

    private static bool Takes(NodeProto node, Dictionary<string, TensorProto> kernels) =>
        node is { Domain: CustomNodes.Blocked, OpType: "Conv", Input.Count: 2 or 3 }
        && kernels[node.Input[1]].Dims is
            [var filters, 1, > 1 and <= BlockedDepthwise.Largest, > 1 and <= BlockedDepthwise.Largest]
        && node.Whole("group") == filters
        && node.Numbers("strides") is [<= BlockedDepthwise.LargestStride and var down, var across] && down == across
        && node.Numbers("dilations") is [1, 1] && node.Numbers("pads") is [_, _, _, _];

    // ONNX Runtime reads fewer channels than a block holds from a map without blocks.
    private static bool IsExpansion(NodeProto node, Dictionary<string, TensorProto> kernels, int lanes) =>
        BlockedRows.CanExpand(lanes)
        && node is { Domain: CustomNodes.Blocked, OpType: "Conv", Input.Count: 2 or 3 }
        && kernels.TryGetValue(node.Input[1], out var kernel)
        && kernel.Dims is [_, <= MostInputs and var inputs, 1, 1] && inputs % lanes == 0
        && node.Whole("group") == 1 && node.Numbers("strides") is [1, 1] && node.Numbers("pads") is [0, 0, 0, 0];

    private static bool IsSwish(NodeProto? node) => node is { Domain: CustomNodes.Microsoft, OpType: SwishName } && node.Real("alpha") == 1;

    // The activation that ONNX Runtime has fused into a convolution; null if the operator does not have it.
    private static MapActivation? ActivationOf(NodeProto node)
    {
        var parameters = node.Reals("activation_params");
        return node.Text("activation") switch
        {
            null => new(MapActivationKind.None),
            "Relu" => new(MapActivationKind.Clip, 0, float.PositiveInfinity),
            "Clip" when parameters is [var least, var most] => new(MapActivationKind.Clip, least, most),
            "HardSwish" => new(MapActivationKind.HardSwish, 1f / 6, 0.5f),
            _ => null,
        };
    }
}

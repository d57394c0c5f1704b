using Onnx;
using TransferKit.Operators;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// Replaces depthwise convolutions of a model that ONNX Runtime has optimised with <see cref="BlockedDepthwiseOperator"/>, which also
/// computes Swish before and after them. The operator uses the same blocked layout.
/// </summary>
internal static class BlockedDepthwiseRewrite
{
    private const string SwishName = "QuickGelu";

    /// <summary>Rewrites the nodes and returns whether there were any.</summary>
    /// <param name="graph">The optimised graph.</param>
    /// <param name="lanes">The number of channels of its blocks, 8 or 16.</param>
    public static bool Apply(GraphProto graph, int lanes)
    {
        var kernels = graph.Initializer.ToDictionary(t => t.Name);
        var index = new NodeIndex(graph);
        var isRewritten = false;
        foreach (var node in graph.Node.Where(n => Takes(n, kernels)).ToArray())
        {
            if (ActivationOf(node) is not { } activation)
                continue;
            var before = index.WriterOf(node.Input[0]);
            var hasSwishBefore = IsSwish(before) && index.OnlyReaderOf(before!) is not null;
            if (hasSwishBefore)
            {
                node.Input[0] = before!.Input[0];
                graph.Node.Remove(before);
            }
            var after = index.OnlyReaderOf(node);
            if (activation.Kind == MapActivationKind.None && IsSwish(after))
            {
                activation = new(MapActivationKind.Swish);
                node.Output[0] = after!.Output[0];
                graph.Node.Remove(after);
            }
            CustomNodes.AddMissingBias(graph, node, kernels[node.Input[1]]);
            long[] values =
            [
                .. node.Numbers("kernel_shape"), node.Numbers("strides")[0], .. node.Numbers("pads"), lanes, hasSwishBefore ? 1 : 0,
                (long)activation.Kind, BitConverter.SingleToInt32Bits(activation.First), BitConverter.SingleToInt32Bits(activation.Second),
            ];
            node.Become(BlockedDepthwiseOperator.Name, BlockedDepthwiseOperator.Attributes, values);
            isRewritten = true;
        }
        return isRewritten;
    }

    private static bool Takes(NodeProto node, Dictionary<string, TensorProto> kernels) =>
        node is { Domain: CustomNodes.Blocked, OpType: "Conv", Input.Count: 2 or 3 }
        && kernels[node.Input[1]].Dims is [> 1 and var filters, 1, <= BlockedDepthwise.Largest, <= BlockedDepthwise.Largest]
        && node.Whole("group") == filters
        && node.Numbers("strides") is [<= BlockedDepthwise.LargestStride and var down, var across] && down == across
        && node.Numbers("dilations") is [1, 1] && node.Numbers("pads") is [_, _, _, _];

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

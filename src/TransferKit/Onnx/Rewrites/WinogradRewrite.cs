using System.Collections.Immutable;
using Onnx;
using TransferKit.Operators;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// Replaces 3x3 convolutions of a model that ONNX Runtime has optimised with <see cref="WinogradOperator"/>. The operator uses the
/// same blocked layout, so nothing else in the model changes.
/// </summary>
internal static class WinogradRewrite
{
    /// <summary>
    /// The largest number of bytes that the transformed kernels, each four times as large, may add. Kernels beyond it stay as they are and
    /// are transformed for each block of tiles. That costs least for the smallest maps, so the convolutions of the largest maps come first.
    /// </summary>
    public const long MostBytes = 100_000_000;

    /// <summary>
    /// The smallest number of tiles per image for which the kernel is transformed. With fewer tiles, as of a 7x7 map, the time to read a
    /// kernel four times as large outweighs the transform where it is needed.
    /// </summary>
    public const int LeastTilesOfTransformed = 9;

    // So few tiles are divided among threads by their filters alone.
    private const int LeastFiltersOfFewTiles = 128;

    /// <summary>Rewrites the nodes and returns whether there were any.</summary>
    /// <param name="model">The optimised model.</param>
    /// <param name="lanes">The number of channels of its blocks, 8 or 16.</param>
    /// <param name="mostBytes">The largest number of bytes that the transformed kernels may add.</param>
    /// <param name="transformed">The names of the kernels that the caller must transform.</param>
    public static bool Apply(ModelProto model, int lanes, long mostBytes, out ImmutableHashSet<string> transformed)
    {
        var graph = model.Graph;
        var tensors = graph.Initializer.ToDictionary(t => t.Name);
        var shapes = CustomNodes.ShapesOfConvolutions(graph);
        var taken = ImmutableHashSet.CreateBuilder<string>();
        var bytes = 0L;
        NodeProto[] nodes = [.. graph.Node.Where(n => Takes(n, tensors, lanes) && HasItems(n)).OrderByDescending(OutputsOf)];
        foreach (var node in nodes)
        {
            var kernel = tensors[node.Input[1]];
            var extra = (WinogradTile.Places - 9) * kernel.Dims[0] * kernel.Dims[1] * sizeof(float);
            var isTransformed = TilesOf(node) >= LeastTilesOfTransformed && bytes + extra <= mostBytes;
            if (isTransformed)
            {
                bytes += extra;
                taken.Add(kernel.Name);
            }
            Rewrite(graph, node, kernel, lanes, isTransformed);
        }
        transformed = taken.ToImmutable();
        return nodes.Length > 0;

        long OutputsOf(NodeProto node) => shapes[node.Name][2] * shapes[node.Name][3];

        bool HasItems(NodeProto node) =>
            TilesOf(node) >= LeastTilesOfTransformed || TilesOf(node) > 0 && tensors[node.Input[1]].Dims[0] >= LeastFiltersOfFewTiles;

        int TilesOf(NodeProto node) => shapes.TryGetValue(node.Name, out var shape)
            ? WinogradConvolution.TilesOf((int)shape[2]) * WinogradConvolution.TilesOf((int)shape[3])
            : 0;
    }

    private static bool Takes(NodeProto node, Dictionary<string, TensorProto> tensors, int lanes)
    {
        if (node is not { Domain: CustomNodes.Blocked, OpType: "Conv", Input.Count: 2 or 3 } || node.Whole("group") != 1)
            return false;
        return node.Numbers("kernel_shape") is [3, 3] && node.Numbers("strides") is [1, 1] && node.Numbers("dilations") is [1, 1]
            && node.Numbers("pads") is [0, 0, 0, 0] or [1, 1, 1, 1]
            && node.Text("activation") is null or "Relu"
            && tensors[node.Input[1]].Dims is [var filters, var channels, ..]
            && filters % WinogradConvolution.Panel == 0 && channels % lanes == 0;
    }

    private static void Rewrite(GraphProto graph, NodeProto node, TensorProto kernel, int lanes, bool isTransformed)
    {
        long[] numbers = [node.Numbers("pads")[0], node.Text("activation") is null ? 0 : 1, lanes, isTransformed ? 1 : 0];
        CustomNodes.AddMissingBias(graph, node, kernel);
        node.Become(WinogradOperator.Name, WinogradOperator.Attributes, numbers);
    }
}

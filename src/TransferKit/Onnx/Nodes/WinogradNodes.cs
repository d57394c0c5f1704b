using TransferKit.Onnx.Tensors;
using TransferKit.Onnx.Winograd;

namespace TransferKit.Onnx.Nodes;

internal static class WinogradNodes
{
    public static Layout Write(GraphWriter writer, Step step, WinogradConv2D op)
    {
        var layout = writer.LayoutOf(step.Input);
        var (kernel, bias) = (step.Weight("kernel")!, step.Weight("bias")!);
        writer.Node(WinogradOperator.Name, step,
            [
                writer.Value(step.Input, layout),
                writer.Weight(new WinogradKernelTensor($"{step.Layer.Name}/{kernel.Kind}", step.Layer, kernel)),
                writer.Weight(new BiasTensor($"{step.Layer.Name}/{bias.Kind}", op.Filters, step.Layer, bias, [])),
            ],
            (WinogradOperator.IsPlanar, layout == Layout.ChannelsFirst ? 1L : 0L), (WinogradOperator.IsPooled, op.IsPooled ? 1L : 0L));
        writer.Graph.Node[^1].Domain = OwnOperators.Domain;
        return Layout.ChannelsLast;
    }
}

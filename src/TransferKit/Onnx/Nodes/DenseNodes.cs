using TransferKit.Graph;
using TransferKit.Onnx.Tensors;

namespace TransferKit.Onnx.Nodes;

internal static class DenseNodes
{
    /// <summary>Keras' kernel is in, out as Gemm and MatMul take it, so that even the largest is streamed to the file.</summary>
    public static Layout Write(GraphWriter writer, Step step, Dense op)
    {
        var slot = step.Weight("kernel")!;
        var input = writer.Value(step.Input, Layout.ChannelsLast);
        var kernel = writer.Weight(new StoredTensor(
            $"{step.Layer.Name}/kernel", [slot.Shape[0], slot.Shape[1]], step.Layer, slot, step.Scalings));
        var bias = step.Weight("bias");
        var biasName = bias is null && step.Scalings.IsEmpty
            ? null
            : writer.Weight(new BiasTensor($"{step.Layer.Name}/bias", op.Units, step.Layer, bias, step.Scalings));

        if (!step.OutputShape.IsMap)
            writer.Node("Gemm", step, biasName is null ? [input, kernel] : [input, kernel, biasName]);
        else if (biasName is null)
            writer.Node("MatMul", step, [input, kernel]);
        else
            writer.Node("Add", step, [writer.Part("MatMul", step, "matmul", [input, kernel]), biasName]);
        return Layout.ChannelsLast;
    }
}

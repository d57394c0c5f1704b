using TransferKit.Graph;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Tensors;

namespace TransferKit.Onnx.Nodes;

internal static class DenseNodes
{
    /// <summary>Writes the kernel in Keras' order, which Gemm and MatMul accept, so that it can be streamed to the file.</summary>
    public static Layout Write(GraphWriter writer, Step step, Dense op)
    {
        var input = writer.Value(step.Input, Layout.ChannelsLast);
        var kernel = writer.Weight(Kernel(step));
        var biasName = step.Weight("bias") is null && step.Scalings.IsEmpty ? null : writer.Weight(Bias(step, op.Units));

        if (!step.OutputShape.IsMap)
            writer.Node("Gemm", step, biasName is null ? [input, kernel] : [input, kernel, biasName]);
        else if (biasName is null)
            writer.Node("MatMul", step, [input, kernel]);
        else
            writer.Node("Add", step, [writer.Part("MatMul", step, "matmul", [input, kernel]), biasName]);
        return Layout.ChannelsLast;
    }

    private static StoredTensor Kernel(Step step)
    {
        var slot = step.Weight("kernel")!;
        return new($"{step.Layer.Name}/kernel", [slot.Shape[0], slot.Shape[1]], step.Layer, slot, step.Scalings);
    }

    private static BiasTensor Bias(Step step, int units) =>
        new($"{step.Layer.Name}/bias", units, step.Layer, step.Weight("bias"), step.Scalings);
}

using Onnx;
using TransferKit.Onnx.Tensors;
using TransferKit.WeightSources;

namespace TransferKit.Quantization;

/// <summary>A tensor whose numbers are already in the graph.</summary>
internal sealed class ConstantTensor(TensorProto tensor) : WeightTensor(tensor.Name, [.. tensor.Dims])
{
    public override string Recipe => Convert.ToHexStringLower(tensor.RawData.Span);

    public override void Write(IWeightSource weights, TensorSink sink) => sink.Write(tensor.RawData.Span);
}

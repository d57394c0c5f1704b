using Onnx;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Tensors;

/// <summary>A tensor with the numbers of a float tensor, rounded to halves.</summary>
internal sealed class Float16Tensor(string name, WeightTensor floats, string model)
    : WeightTensor(name, floats.Dimensions, TensorProto.Types.DataType.Float16)
{
    public override string Recipe => $"{floats.Recipe} float16";

    public override void Write(IWeightSource weights, TensorSink sink) =>
        floats.Write(weights, new Float16Sink(sink, model, floats.Name));
}

using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Tensors;

/// <summary>The divisor of a Normalization: the square root of its variance, at least 1e-7 as in Keras.</summary>
internal sealed class DeviationTensor(string name, Layer layer, WeightSlot variance) : WeightTensor(name, [variance.Count, 1, 1])
{
    public override string Recipe => $"{layer.Name}/{variance.Kind} deviation";

    public override void Write(IWeightSource weights, TensorSink sink)
    {
        var values = new float[variance.Count];
        weights.Read(layer, variance, 0, values);
        foreach (ref var value in values.AsSpan())
            value = (float)Math.Max(Math.Sqrt(value), 1e-7);
        sink.Write<float>(values);
    }
}

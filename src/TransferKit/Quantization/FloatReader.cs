using System.Runtime.InteropServices;
using TransferKit.Onnx.Tensors;
using TransferKit.WeightSources;

namespace TransferKit.Quantization;

/// <summary>Reads the numbers of a float tensor, which are those that it would write.</summary>
internal static class FloatReader
{
    public static void Read(WeightTensor tensor, IWeightSource weights, FloatRun take) => tensor.Write(weights, new Sink(take));

    public static float[] ReadAll(WeightTensor tensor, IWeightSource weights)
    {
        var (all, filled) = (new float[tensor.Count], 0);
        Read(tensor, weights, values =>
        {
            values.CopyTo(all.AsSpan(filled));
            filled += values.Length;
        });
        return all;
    }

    private sealed class Sink(FloatRun take) : TensorSink
    {
        protected override void WriteBytes(ReadOnlySpan<byte> values) => take(MemoryMarshal.Cast<byte, float>(values));
    }
}

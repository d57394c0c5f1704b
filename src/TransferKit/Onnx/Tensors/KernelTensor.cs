using System.Collections.Immutable;
using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Tensors;

/// <summary>
/// The kernel of a convolution, transposed from Keras' height, width, in, out to ONNX' out, in, height, width, with the folded
/// scalings applied. A depthwise kernel has one input per group; its channels times its multiplier are the outputs.
/// </summary>
internal sealed class KernelTensor(
    string name, Layer layer, WeightSlot slot, int inputs, int outputs, ImmutableArray<ChannelScaling> scalings)
    : WeightTensor(name, [outputs, inputs, slot.Shape[0], slot.Shape[1]])
{
    public override string Recipe => $"{layer.Name}/{slot.Kind} out-in-h-w {inputs} {outputs} * [{string.Join("; ", scalings)}]";

    public override void Write(IWeightSource weights, TensorSink sink)
    {
        var keras = new float[checked((int)Count)];
        var onnx = new float[keras.Length];
        weights.Read(layer, slot, 0, keras);
        Transpose(keras, onnx, slot.Shape[0] * slot.Shape[1], inputs, outputs);
        if (!scalings.IsEmpty)
        {
            var (scale, _) = ChannelScaling.Combine(scalings, weights, outputs);
            var length = onnx.Length / outputs;
            for (var o = 0; o < outputs; o++)
            {
                foreach (ref var value in onnx.AsSpan(o * length, length))
                    value = (float)(value * scale[o]);
            }
        }
        sink.Write<float>(onnx);
    }

    // Sixteen outputs at a time read whole cache lines and write each output sequentially.
    private static void Transpose(ReadOnlySpan<float> from, Span<float> to, int places, int inputs, int outputs)
    {
        const int Block = 16;
        for (var first = 0; first < outputs; first += Block)
        {
            var last = Math.Min(first + Block, outputs);
            for (var i = 0; i < inputs; i++)
            {
                for (var p = 0; p < places; p++)
                {
                    var row = from.Slice((p * inputs + i) * outputs, outputs);
                    for (var o = first; o < last; o++)
                        to[(o * inputs + i) * places + p] = row[o];
                }
            }
        }
    }
}

using System.Collections.Immutable;
using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Tensors;

/// <summary>The bias of a linear layer, or zero if it has none, with the folded scalings applied.</summary>
internal sealed class BiasTensor(
    string name, int channels, Layer layer, WeightSlot? slot, ImmutableArray<ChannelScaling> scalings) : WeightTensor(name, [channels])
{
    public override string Recipe => $"{layer.Name}/{slot?.Kind ?? "no bias"} bias * [{string.Join("; ", scalings)}]";

    public override void Write(IWeightSource weights, TensorSink sink)
    {
        var bias = new float[channels];
        if (slot is not null)
            weights.Read(layer, slot, 0, bias);
        if (!scalings.IsEmpty)
        {
            var (scale, shift) = ChannelScaling.Combine(scalings, weights, channels);
            for (var c = 0; c < channels; c++)
                bias[c] = (float)(bias[c] * scale[c] + shift[c]);
        }
        sink.Write<float>(bias);
    }
}

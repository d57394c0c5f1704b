using System.Collections.Immutable;
using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Tensors;

/// <summary>
/// A weight in Keras' own order, with folded scalings applied along the last dimension. It is written piece by piece, because the
/// kernel of a classifier over a large map may not fit into an array.
/// </summary>
internal sealed class StoredTensor(
    string name, ImmutableArray<long> dimensions, Layer layer, WeightSlot slot, ImmutableArray<ChannelScaling> scalings)
    : WeightTensor(name, dimensions)
{
    private const int PieceLength = 1 << 20;

    public override string Recipe => $"{layer.Name}/{slot.Kind} * [{string.Join("; ", scalings)}]";

    public override void Write(IWeightSource weights, TensorSink sink)
    {
        var channels = slot.Shape.IsEmpty ? 1 : slot.Shape[^1];
        var scale = scalings.IsEmpty ? null : ChannelScaling.Combine(scalings, weights, channels).Scale;
        var piece = new float[Math.Min(Count, Math.Max(PieceLength / channels, 1) * (long)channels)];
        for (long start = 0; start < Count; start += piece.Length)
        {
            var part = piece.AsSpan(0, (int)Math.Min(piece.Length, Count - start));
            weights.Read(layer, slot, start, part);
            for (var i = 0; scale is not null && i < part.Length; i++)
                part[i] = (float)(part[i] * scale[i % channels]);
            sink.Write<float>(part);
        }
    }
}

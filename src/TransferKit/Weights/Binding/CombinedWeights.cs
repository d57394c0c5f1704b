using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.WeightSources.Binding;

/// <summary>Combines the weights of a backbone with those of a head.</summary>
internal sealed class CombinedWeights(LayerGraph backbone, IWeightSource weights, IWeightSource head) : IWeightSource
{
    public string Fingerprint => $"{weights.Fingerprint}+{head.Fingerprint}";

    public ImmutableArray<string> UnboundLayers => weights.UnboundLayers;

    public ImmutableArray<string> UnusedLayers => weights.UnusedLayers;

    public string? NestedModel => weights.NestedModel;

    public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination)
    {
        if (backbone.TryFind(layer.Name, out var own))
            weights.Read(own, own.Weights[layer.IndexOf(slot)], start, destination);
        else
            head.Read(layer, slot, start, destination);
    }

    public void Dispose() => weights.Dispose();
}

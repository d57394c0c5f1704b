using System.Collections.Immutable;
using TransferKit.Graph;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;

namespace TransferKit.Training.Torch;

/// <summary>Combines the weights of a backbone with initial values of a head.</summary>
internal sealed class CombinedWeights(LayerGraph backbone, IWeightSource weights, InitialWeights head) : IWeightSource
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

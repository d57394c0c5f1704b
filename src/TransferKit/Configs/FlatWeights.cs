using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Configs;

/// <summary>Supplies the weights of a flat model from those of the whole model, and initial values for layers that were added.</summary>
/// <param name="flat">The flat model.</param>
/// <param name="weights">The weights of the whole model, which stay the caller's.</param>
/// <param name="added">The weights of added layers. Defaults to null, for a model without any.</param>
internal sealed class FlatWeights(FlatModel flat, IWeightSource weights, IWeightSource? added = null) : IWeightSource
{
    public string Fingerprint => $"flat+{weights.Fingerprint}+{added?.Fingerprint}";

    public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination)
    {
        if (flat.SourceOf(layer) is { } source)
            weights.Read(source, source.Weights[layer.Weights.IndexOf(slot)], start, destination);
        else
            added!.Read(layer, slot, start, destination);
    }

    public void Dispose() { }
}

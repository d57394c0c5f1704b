using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Tests;

/// <summary>Caches the weights of another source, so that many models of one network draw each weight once.</summary>
internal sealed class KeptWeights(IWeightSource inner) : IWeightSource
{
    private readonly Dictionary<(string Layer, string Kind, string Shape), float[]> _kept = [];

    public string Fingerprint => inner.Fingerprint;

    public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination)
    {
        var key = (layer.Name, slot.Kind, slot.ShapeText);
        if (!_kept.TryGetValue(key, out var values))
        {
            _kept[key] = values = new float[slot.Count];
            inner.Read(layer, slot, 0, values);
        }
        values.AsSpan((int)start, destination.Length).CopyTo(destination);
    }

    public void Dispose() => inner.Dispose();
}

using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Tests;

/// <summary>Caches the weights of another source, so that many models of one network draw each weight once.</summary>
internal sealed class MemoizedWeights(IWeightSource inner) : IWeightSource
{
    private readonly Dictionary<(string Layer, string Kind, string Shape), float[]> _values = [];

    public string Fingerprint => inner.Fingerprint;

    public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination)
    {
        var key = (layer.Name, slot.Kind, slot.ShapeText);
        if (!_values.TryGetValue(key, out var values))
        {
            _values[key] = values = new float[slot.Count];
            inner.Read(layer, slot, 0, values);
        }
        values.AsSpan((int)start, destination.Length).CopyTo(destination);
    }

    public void Dispose() => inner.Dispose();
}

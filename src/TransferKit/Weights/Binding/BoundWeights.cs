using System.Collections.Immutable;
using System.Numerics.Tensors;
using TransferKit.Graph;
using TransferKit.WeightSources.Files;

namespace TransferKit.WeightSources.Binding;

/// <summary>Supplies the weights of a file whose arrays are bound to the slots of a graph.</summary>
internal sealed class BoundWeights : IWeightSource
{
    private readonly WeightFile _file;
    private readonly IReadOnlyDictionary<string, ImmutableArray<StoredWeight>> _stored;
    private readonly InitialWeights? _unbound;

    /// <param name="file">The file, which the new instance owns and disposes.</param>
    /// <param name="stored">The arrays of each layer, in the order of its slots.</param>
    /// <param name="unbound">The weights of layers that are not in <paramref name="stored"/>; null if there are none.</param>
    public BoundWeights(WeightFile file, IReadOnlyDictionary<string, ImmutableArray<StoredWeight>> stored, InitialWeights? unbound)
    {
        (_file, _stored, _unbound) = (file, stored, unbound);
    }

    public ImmutableArray<string> UnboundLayers { get; init; } = [];

    public ImmutableArray<string> UnusedLayers { get; init; } = [];

    public string? NestedModel { get; init; }

    public string Fingerprint => _unbound is null
        ? FingerprintOf(_file.Hash)
        : $"{FingerprintOf(_file.Hash)}:{string.Join(',', _stored.Keys.Order(StringComparer.Ordinal))}:{_unbound.Fingerprint}";

    /// <summary>Gets the fingerprint of a file whose weights are all bound by position.</summary>
    public static string FingerprintOf(string hash) => $"file:{hash}";

    public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination)
    {
        if (_stored.TryGetValue(layer.Name, out var weights))
        {
            var stored = weights[layer.IndexOf(slot)];
            stored.Read(start, destination);
            if (!TensorPrimitives.IsFiniteAll<float>(destination))
                throw NotFinite(layer, slot, stored, start, destination);
        }
        else if (_unbound is not null)
        {
            _unbound.Read(layer, slot, start, destination);
        }
        else
        {
            throw new ArgumentException($"No weights of '{_file.Name}' are bound to layer '{layer.Name}'.", nameof(layer));
        }
    }

    /// <summary>
    /// Finds which weight of the graph each array of the file holds. The first of several calls of a layer stands for all.
    /// </summary>
    public IReadOnlyDictionary<StoredWeight, (Layer Layer, WeightSlot Slot)> Places(LayerGraph graph)
    {
        var places = new Dictionary<StoredWeight, (Layer, WeightSlot)>();
        foreach (var layer in graph.Layers.Where(l => l.SharesWeightsOf is null && _stored.ContainsKey(l.Name)))
        {
            foreach (var (stored, slot) in _stored[layer.Name].Zip(layer.Weights))
                places.Add(stored, (layer, slot));
        }
        return places;
    }

    public void Dispose() => _file.Dispose();

    private WeightsFormatException NotFinite(Layer layer, WeightSlot slot, StoredWeight stored, long start, ReadOnlySpan<float> numbers)
    {
        var at = 0;
        while (float.IsFinite(numbers[at]))
            at++;
        var index = new long[stored.Shape.Length];
        var rest = start + at;
        for (var d = index.Length - 1; d >= 0; d--)
            (rest, index[d]) = Math.DivRem(rest, stored.Shape[d]);
        var number = float.IsNaN(numbers[at]) ? "not a number (NaN)" : "infinite as a float";
        return new WeightsFormatException(_file.Name,
            $"layer '{layer.Name}' has a {slot.Kind} ('{stored.Name}' in the file) whose number [{string.Join(", ", index)}] is {number}; "
            + "training diverged, or the file is damaged: load an earlier checkpoint or another file");
    }
}

using System.Collections.Immutable;
using System.Numerics.Tensors;
using TransferKit.Graph;
using TransferKit.WeightSources.Files;

namespace TransferKit.WeightSources.Binding;

/// <summary>A weight file whose arrays have found their places in a graph. Owns the file.</summary>
internal sealed class BoundWeights : IWeightSource
{
    private readonly WeightFile _file;
    private readonly IReadOnlyDictionary<string, ImmutableArray<StoredWeight>> _stored;
    private readonly InitialWeights? _unbound;

    /// <param name="file">Taken over.</param>
    /// <param name="stored">The arrays of each layer, in the order of its slots.</param>
    /// <param name="unbound">What layers that are not in <paramref name="stored"/> start with; null where there are none.</param>
    public BoundWeights(WeightFile file, IReadOnlyDictionary<string, ImmutableArray<StoredWeight>> stored, InitialWeights? unbound)
    {
        (_file, _stored, _unbound) = (file, stored, unbound);
    }

    public ImmutableArray<string> UnboundLayers { get; init; } = [];

    public string Fingerprint => _unbound is null
        ? FingerprintOf(_file.Hash)
        : $"{FingerprintOf(_file.Hash)}:{string.Join(',', _stored.Keys.Order(StringComparer.Ordinal))}:{_unbound.Fingerprint}";

    /// <summary>That of a file all of whose weights are bound, by position.</summary>
    public static string FingerprintOf(string hash) => $"file:{hash}";

    public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination)
    {
        if (_stored.TryGetValue(layer.Name, out var weights))
        {
            var stored = weights[IndexOf(layer, slot)];
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
            + "its training has diverged, or the file is damaged: take an earlier or another file");
    }

    // A graph built again has equal slots that are other objects, so a slot is known by its kind; steps of a
    // Sequential may repeat one, so identity goes first.
    private static int IndexOf(Layer layer, WeightSlot slot)
    {
        for (var i = 0; i < layer.Weights.Length; i++)
        {
            if (ReferenceEquals(layer.Weights[i], slot))
                return i;
        }
        for (var i = 0; i < layer.Weights.Length; i++)
        {
            if (layer.Weights[i].Kind == slot.Kind && layer.Weights[i].Shape.SequenceEqual(slot.Shape))
                return i;
        }
        throw new ArgumentException($"Layer '{layer.Name}' has no weight {slot.Kind} {slot.ShapeText}.", nameof(slot));
    }
}

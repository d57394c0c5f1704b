using System.Collections.Immutable;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs;

/// <summary>
/// Finds the order in which the legacy layout lists the weights of a layer of the whole model. A nested model lists those that were
/// trainable first (Keras: <c>_legacy_weights</c> in <c>legacy/saving/legacy_h5_format.py</c>). Some versions of TensorFlow 2 listed them
/// layer by layer.
/// </summary>
internal static class LegacyPlaces
{
    public static WeightPlace Of(LayerEntry entry, ConfigGraph graph)
    {
        var (trainable, other) = Split(entry, graph);
        ImmutableArray<PlacedSlot> trainableFirst = [.. trainable, .. other];
        return new(entry.Name, entry.Model is null ? [trainableFirst] : [trainableFirst, [.. Leaves(entry, graph).SelectMany(Slots)]]);
    }

    private static (IEnumerable<PlacedSlot> Trainable, IEnumerable<PlacedSlot> Other) Split(LayerEntry entry, ConfigGraph graph)
    {
        if (entry.Model is not { } model)
        {
            var slots = graph.Layers.TryGetValue(entry, out var layer) ? Slots((entry, layer)) : [];
            return entry.Trainable ? (slots.Where(s => s.Slot.Trainable), slots.Where(s => !s.Slot.Trainable)) : ([], slots);
        }
        var parts = model.Layers.Select(l => Split(l, graph)).ToArray();
        var (trainable, other) = (parts.SelectMany(p => p.Trainable), parts.SelectMany(p => p.Other));
        return model.Trainable && entry.Trainable ? (trainable, other) : ([], trainable.Concat(other));
    }

    private static IEnumerable<(LayerEntry Entry, Layer Layer)> Leaves(LayerEntry entry, ConfigGraph graph) => entry.Model is { } model
        ? model.Layers.SelectMany(l => Leaves(l, graph))
        : graph.Layers.TryGetValue(entry, out var layer) ? [(entry, layer)] : [];

    private static IEnumerable<PlacedSlot> Slots((LayerEntry Entry, Layer Layer) leaf) =>
        leaf.Layer.Weights.Select((slot, i) => new PlacedSlot(leaf.Entry.Name, leaf.Layer, slot, i));
}

namespace TransferKit.Graph;

/// <summary>Finds the slots of layers.</summary>
internal static class Slots
{
    // References come first, because a Sequential may repeat a kind and shape. A rebuilt graph has equal slots of new references.
    public static int IndexOf(this Layer layer, WeightSlot slot)
    {
        var same = layer.Weights.IndexOf(slot, 0, layer.Weights.Length, EqualityComparer<WeightSlot>.Create(ReferenceEquals));
        for (var i = 0; same < 0 && i < layer.Weights.Length; i++)
        {
            if (layer.Weights[i].Kind == slot.Kind && layer.Weights[i].Shape.SequenceEqual(slot.Shape))
                same = i;
        }
        return same >= 0
            ? same
            : throw new ArgumentException($"Layer '{layer.Name}' has no weight {slot.Kind} {slot.ShapeText}.", nameof(slot));
    }
}

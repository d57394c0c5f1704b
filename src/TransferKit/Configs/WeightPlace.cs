using System.Collections.Immutable;
using System.Globalization;
using TransferKit.Graph;
using TransferKit.WeightSources.Files;

namespace TransferKit.Configs;

/// <summary>Represents a weight that a group of a file holds.</summary>
/// <param name="EntryName">Keras' name of the layer, which the names of arrays may contain.</param>
/// <param name="Layer">The layer of the graph.</param>
/// <param name="Slot">The layer's weight.</param>
/// <param name="Index">The index of the weight among the layer's.</param>
internal sealed record PlacedSlot(string EntryName, Layer Layer, WeightSlot Slot, int Index);

/// <summary>Represents a group of a weight file and the weights it must hold, in one of several orders.</summary>
internal sealed class WeightPlace(string name, ImmutableArray<ImmutableArray<PlacedSlot>> orders)
{
    private static readonly HashSet<string> Kinds =
        ["kernel", "depthwise_kernel", "pointwise_kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance", "alpha", "mean",
         "variance", "count"];

    public string Name => name;

    public bool IsEmpty => orders[0].IsEmpty;

    public Layer FirstLayer => orders[0][0].Layer;

    public static WeightPlace Of(string name, Layer layer) =>
        new(name, [[.. layer.Weights.Select((slot, i) => new PlacedSlot(layer.Name, layer, slot, i))]]);

    /// <summary>Matches the arrays of the group, by the first order that fits their shapes and names.</summary>
    /// <exception cref="WeightsMismatchException">No order fits.</exception>
    public IEnumerable<(Layer Layer, ImmutableArray<StoredWeight> Weights)> Match(string file, StoredLayer stored)
    {
        if (stored.Weights.Length != orders[0].Length)
        {
            throw new WeightsMismatchException(
                file, FirstLayer.Name, null, Text(orders[0].Length), Text(stored.Weights.Length),
                $"'{file}' does not fit its own configuration: '{name}' must hold {orders[0].Length} weights, "
                + $"and holds {stored.Weights.Length}.");
        }
        var names = orders[0].Select(s => s.EntryName).ToHashSet();
        // Layers may have been renamed since their arrays were named, so these names only decide between orders that fit.
        var fitting = orders.Where(o => o.Zip(stored.Weights).All(p => Fits(p.First, p.Second))).ToArray();
        if (fitting.Length == 0)
            throw Misfit(file, orders[0].Zip(stored.Weights).First(p => !Fits(p.First, p.Second)));
        var order = fitting.MaxBy(o => o.Zip(stored.Weights).Count(p => IsNamed(p.First, p.Second, names)));
        return order.Zip(stored.Weights).GroupBy(p => p.First.Layer)
            .Select(g => (g.Key, g.OrderBy(p => p.First.Index).Select(p => p.Second).ToImmutableArray()));
    }

    // The shapes of normalisations repeat, so the kinds in the file are checked too, as far as the file has them.
    private static bool Fits(PlacedSlot expected, StoredWeight stored)
    {
        var kind = WithoutNumber(stored.Name.Split('/')[^1]);
        return expected.Slot.Shape.Select(d => (long)d).SequenceEqual(stored.Shape)
            && (!Kinds.Contains(kind) || kind == expected.Slot.Kind || (kind == "kernel" && expected.Slot.IsKernel));
    }

    private static bool IsNamed(PlacedSlot expected, StoredWeight stored, HashSet<string> names)
    {
        var parts = stored.Name.Split('/');
        return parts.Contains(expected.EntryName) || !parts[..^1].Any(names.Contains);
    }

    // TensorFlow writes kernel:0, and kernel_1:0 where a name repeats.
    private static string WithoutNumber(string part)
    {
        var name = part.Split(':')[0];
        var end = name.TrimEnd("0123456789".ToCharArray());
        return end.Length < name.Length && end.EndsWith('_') ? end[..^1] : name;
    }

    private static WeightsMismatchException Misfit(string file, (PlacedSlot Expected, StoredWeight Stored) pair)
    {
        var (slot, found) = (pair.Expected.Slot, WeightSlot.Describe(pair.Stored.Shape.Select(d => (int)Math.Min(d, int.MaxValue))));
        return new(file, pair.Expected.Layer.Name, slot.Kind, slot.ShapeText, found,
            $"'{file}' does not fit its own configuration: layer '{pair.Expected.Layer.Name}' ({pair.Expected.Layer.Op.TypeName}) needs a "
            + $"{slot.Kind} of shape {slot.ShapeText}, and '{pair.Stored.Name}' in the file has shape {found}.");
    }

    private static string Text(int n) => n.ToString(CultureInfo.InvariantCulture);
}

using System.Collections.Immutable;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.WeightSources.Files;

/// <summary>A layer as a weight file holds it: the file's own name for it, and its weights in the file's order.</summary>
internal sealed record StoredLayer(string Name, ImmutableArray<StoredWeight> Weights)
{
    /// <summary>Keras' name of the layer; null where the file does not note it, as older files of Keras 3's layout.</summary>
    public string? LayerName { get; init; } = Name;
}

/// <summary>One array of a weight file. Its numbers stay in the file until they are read.</summary>
internal sealed class StoredWeight(string name, Hdf5Dataset dataset)
{
    public string Name { get; } = name;
    public ImmutableArray<long> Shape => dataset.Shape;
    public long Count => dataset.Count;

    /// <summary>Fills the destination from flat index <paramref name="start"/> on, whatever number type is stored.</summary>
    public void Read(long start, Span<float> destination) => dataset.Read(start, destination);
}

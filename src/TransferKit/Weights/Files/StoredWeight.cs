using System.Collections.Immutable;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.WeightSources.Files;

/// <summary>Represents a layer of a weight file: its name in the file, and its weights in the file's order.</summary>
internal sealed record StoredLayer(string Name, ImmutableArray<StoredWeight> Weights)
{
    /// <summary>Gets Keras' name of the layer; null if the file does not store it, as older files of Keras 3's layout.</summary>
    public string? LayerName { get; init; } = Name;

    /// <summary>Gets whether the layer is a model whose layers' weights these are.</summary>
    public bool IsNested { get; init; }

    /// <summary>Gets the layers of a nested model in Keras 3's layout, by the names of their groups.</summary>
    public ImmutableDictionary<string, StoredLayer> Parts { get; init; } = ImmutableDictionary<string, StoredLayer>.Empty;
}

/// <summary>Represents one array of a weight file. Its values stay in the file until they are read.</summary>
internal sealed class StoredWeight(string name, Hdf5Dataset dataset)
{
    public string Name { get; } = name;
    public ImmutableArray<long> Shape => dataset.Shape;
    public long Count => dataset.Count;

    /// <summary>Fills the destination from flat index <paramref name="start"/> on, converting any stored number type.</summary>
    public void Read(long start, Span<float> destination) => dataset.Read(start, destination);
}

using PureHDF.VOL.Native;

namespace TransferKit.WeightSources;

/// <summary>
/// Keras' <c>.h5</c>: an ordered list of layers, each with an ordered list of weights; of a whole saved model only the
/// weights are looked at (Keras: <c>legacy/saving/legacy_h5_format.py</c>).
/// </summary>
internal static class LegacyLayout
{
    private const string WholeModelWeights = "model_weights";

    /// <summary>The group that lists the layers; null where the file has another layout.</summary>
    public static NativeGroup? Find(NativeGroup root)
    {
        if (NameList.Exists(root, "layer_names"))
            return root;
        return root.LinkExists(WholeModelWeights) && root.Get(WholeModelWeights) is NativeGroup group
            && NameList.Exists(group, "layer_names") ? group : null;
    }

    public static IEnumerable<StoredLayer> Read(string file, NativeGroup weights)
    {
        foreach (var layer in NameList.Read(weights, "layer_names"))
        {
            if (!weights.LinkExists(layer) || weights.Get(layer) is not NativeGroup group)
                throw new WeightsFormatException(file, $"it lists a layer '{layer}' and has no group of that name");
            yield return new StoredLayer(
                layer, [.. NameList.Read(group, "weight_names").Select(name => Weight(file, layer, group, name))]);
        }
    }

    private static StoredWeight Weight(string file, string layer, NativeGroup group, string name) =>
        group.LinkExists(name) && group.Get(name) is NativeDataset dataset
            ? new StoredWeight(file, name, dataset)
            : throw new WeightsFormatException(file, $"layer '{layer}' lists a weight '{name}' and has no array of that name");
}

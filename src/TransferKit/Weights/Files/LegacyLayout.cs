using TransferKit.WeightSources.Hdf5;

namespace TransferKit.WeightSources.Files;

/// <summary>
/// Reads Keras' <c>.h5</c>: an ordered list of layers, each with an ordered list of weights. From a whole saved model it reads only
/// the weights (Keras: <c>legacy/saving/legacy_h5_format.py</c>).
/// </summary>
internal static class LegacyLayout
{
    private const string WholeModelWeights = "model_weights";

    /// <summary>Finds the group that lists the layers; null if the file has another layout.</summary>
    public static Hdf5Group? Find(Hdf5Group root)
    {
        if (ChunkedAttribute.Exists(root, "layer_names"))
            return root;
        return root.Find(WholeModelWeights) is Hdf5Group group && ChunkedAttribute.Exists(group, "layer_names") ? group : null;
    }

    public static IEnumerable<StoredLayer> Read(string file, Hdf5Group weights)
    {
        var reached = new HashSet<long>();
        foreach (var layer in ChunkedAttribute.Read(weights, "layer_names"))
        {
            if (weights.Find(layer) is not Hdf5Group group)
                throw new WeightsFormatException(file, $"it lists a layer '{layer}' but has no group of that name");
            if (!reached.Add(group.Address))
                throw new WeightsFormatException(file, $"it lists layer '{layer}' twice, or two layers share one group");
            yield return new StoredLayer(layer, [.. Weights(file, layer, group)]);
        }
    }

    private static IEnumerable<StoredWeight> Weights(string file, string layer, Hdf5Group group)
    {
        var listed = new HashSet<string>();
        foreach (var name in ChunkedAttribute.Read(group, "weight_names"))
        {
            if (!listed.Add(name))
                throw new WeightsFormatException(file, $"layer '{layer}' lists a weight '{name}' twice");
            yield return group.Find(name) is Hdf5Dataset dataset
                ? new StoredWeight(name, dataset)
                : throw new WeightsFormatException(file, $"layer '{layer}' lists a weight '{name}' but has no array of that name");
        }
    }
}

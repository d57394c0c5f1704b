using System.Globalization;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.WeightSources.Files;

/// <summary>
/// Writes the weights of an open file anew, in the same layout, under the same names: with the same bits as floats, or with other values.
/// </summary>
internal static class StoredWeightsWriter
{
    /// <param name="stream">The stream to write to.</param>
    /// <param name="file">The open file.</param>
    /// <param name="attributes">The texts at the root, such as <c>model_config</c>.</param>
    /// <param name="values">Finds what to write in place of an array's own values; null to write those.</param>
    /// <param name="cancellationToken">The token to cancel the writing.</param>
    public static void Write(
        Stream stream, WeightFile file, IReadOnlyDictionary<string, string> attributes,
        Func<StoredWeight, Action<long, Span<float>>?> values, CancellationToken cancellationToken)
    {
        var root = new Hdf5WriteGroup();
        AddTexts(root, attributes);
        if (file.Layout == WeightLayout.Legacy)
        {
            var weights = root.Group(LegacyLayout.WholeModelWeights);
            // Keras notes these two beside the weights too.
            AddTexts(weights, attributes.Where(a => a.Key is "backend" or "keras_version"));
            AddLegacy(weights, file, Copy);
        }
        else
        {
            AddKeras3(root, file, Copy);
        }
        Hdf5Writer.Write(stream, root, cancellationToken);

        Hdf5WriteDataset Copy(StoredWeight weight) =>
            new([.. weight.Shape.Select(d => checked((int)d))], values(weight) ?? weight.Read);
    }

    private static void AddTexts(Hdf5WriteGroup group, IEnumerable<KeyValuePair<string, string>> attributes)
    {
        foreach (var (name, text) in attributes)
            group.Attributes.Add(Hdf5WriteAttribute.Text(name, text));
    }

    private static void AddLegacy(Hdf5WriteGroup group, WeightFile file, Func<StoredWeight, Hdf5WriteDataset> copy)
    {
        LegacyH5Writer.WriteNames(group, "layer_names", [.. file.Layers.Select(l => l.Name)]);
        foreach (var layer in file.Layers)
        {
            var own = group.Group(layer.Name);
            LegacyH5Writer.WriteNames(own, "weight_names", [.. layer.Weights.Select(w => w.Name)]);
            foreach (var weight in layer.Weights)
                own.Add(weight.Name, copy(weight));
        }
    }

    private static void AddKeras3(Hdf5WriteGroup root, WeightFile file, Func<StoredWeight, Hdf5WriteDataset> copy)
    {
        foreach (var group in file.Groups)
        {
            var vars = root.Group(group.Path.Length == 0 ? "vars" : $"{Keras3Layout.FullPath(group.Path)}/vars");
            if (group.NotedName is { } name)
                vars.Attributes.Add(Hdf5WriteAttribute.Text("name", name));
            foreach (var (i, weight) in group.Weights.Index())
                vars.Add(i.ToString(CultureInfo.InvariantCulture), copy(weight));
        }
    }
}

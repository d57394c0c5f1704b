using System.Text;
using TransferKit.Common;
using TransferKit.Graph;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.WeightSources.Files;

/// <summary>
/// Writes a graph's weights as Keras' <c>.h5</c>, so that Keras' <c>load_weights</c> reads them (Keras: <c>save_weights_to_hdf5_group</c>).
/// Arrays are written in pieces, to bound memory.
/// </summary>
internal static class LegacyH5Writer
{
    /// <summary>The version of Keras whose layouts are written. Keras checks only whether it starts with 1, the oldest layout.</summary>
    public const string KerasVersion = "3.12.0";
    private const string Backend = "tensorflow";

    /// <exception cref="OutputFileException">The file cannot be written; an existing file is unchanged.</exception>
    public static void Write(string path, LayerGraph graph, IWeightSource source, CancellationToken cancellationToken = default) =>
        AtomicFile.Write(path, stream => Write(stream, graph, source, cancellationToken));

    public static void Write(Stream stream, LayerGraph graph, IWeightSource source, CancellationToken cancellationToken = default)
    {
        var file = new Hdf5WriteGroup();
        WriteLayers(file, graph, source);
        Hdf5Writer.Write(stream, file, cancellationToken);
    }

    /// <summary>Writes a whole model, which Keras' <c>load_model</c> reads (Keras: <c>save_model_to_hdf5</c>).</summary>
    /// <param name="stream">The file.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="source">The weights of the graph.</param>
    /// <param name="modelConfig">The configuration of the model as JSON.</param>
    /// <param name="trainingConfig">The arguments of <c>compile</c> as JSON; null for a model that was not compiled.</param>
    /// <param name="cancellationToken">The token to cancel the writing.</param>
    public static void WriteModel(
        Stream stream, LayerGraph graph, IWeightSource source, string modelConfig, string? trainingConfig,
        CancellationToken cancellationToken = default)
    {
        var file = new Hdf5WriteGroup();
        file.Attributes.Add(Hdf5WriteAttribute.Text("backend", Backend));
        file.Attributes.Add(Hdf5WriteAttribute.Text("keras_version", KerasVersion));
        file.Attributes.Add(Hdf5WriteAttribute.Text("model_config", modelConfig));
        if (trainingConfig is not null)
            file.Attributes.Add(Hdf5WriteAttribute.Text("training_config", trainingConfig));
        WriteLayers(file.Group(LegacyLayout.WholeModelWeights), graph, source);
        Hdf5Writer.Write(stream, file, cancellationToken);
    }

    private static void WriteLayers(Hdf5WriteGroup file, LayerGraph graph, IWeightSource source)
    {
        Layer[] layers = [.. graph.Layers.Where(l => l.SharesWeightsOf is null)];
        WriteNames(file, "layer_names", [.. layers.Select(l => l.Name)]);
        file.Attributes.Add(Hdf5WriteAttribute.Text("backend", Backend));
        file.Attributes.Add(Hdf5WriteAttribute.Text("keras_version", KerasVersion));
        foreach (var layer in layers)
        {
            var group = file.Group(layer.Name);
            var names = Names(layer);
            WriteNames(group, "weight_names", names);
            foreach (var (slot, name) in layer.Weights.Zip(names))
                group.Add(name, new(slot.Shape, (start, numbers) => source.Read(layer, slot, start, numbers)));
        }
    }

    // Builds Keras' path of a variable. A number distinguishes steps of a Sequential that repeat a kind.
    private static string[] Names(Layer layer)
    {
        var used = new Dictionary<string, int>();
        return [.. layer.Weights.Select(slot =>
        {
            var n = used[slot.Kind] = used.GetValueOrDefault(slot.Kind, -1) + 1;
            return n == 0 ? $"{layer.Name}/{slot.Kind}" : $"{layer.Name}/{slot.Kind}_{n}";
        })];
    }

    /// <summary>
    /// Writes a list of names. Keras splits a list whose fixed-length strings exceed the limit into the fewest even parts (numpy's
    /// <c>array_split</c>: the first parts are one longer).
    /// </summary>
    public static void WriteNames(Hdf5WriteObject holder, string attribute, string[] names)
    {
        var bytesEach = names.Select(Encoding.UTF8.GetByteCount).DefaultIfEmpty().Max();
        var parts = 1;
        while ((long)Math.Ceiling(names.Length / (double)parts) * bytesEach > ChunkedAttribute.AttributeLimit && parts < names.Length)
            parts++;
        if (parts == 1)
        {
            holder.Attributes.Add(Hdf5WriteAttribute.Strings(attribute, names));
            return;
        }
        var at = 0;
        for (var part = 0; part < parts; part++)
        {
            var length = names.Length / parts + (part < names.Length % parts ? 1 : 0);
            holder.Attributes.Add(Hdf5WriteAttribute.Strings($"{attribute}{part}", names[at..(at + length)]));
            at += length;
        }
    }
}

using System.Text;
using PureHDF;
using PureHDF.Selections;
using TransferKit.Common;
using TransferKit.Graph;

namespace TransferKit.WeightSources;

/// <summary>
/// Writes a graph's weights as Keras' <c>.h5</c>, so that Keras' <c>load_weights</c> takes them (Keras:
/// <c>save_weights_to_hdf5_group</c>). Arrays are written piece by piece: none is held whole.
/// </summary>
internal static class LegacyH5Writer
{
    // Keras asks only whether the version starts with 1; this is the version whose layout is written.
    private const string KerasVersion = "3.12.0";
    private const string Backend = "tensorflow";
    private const int PieceLength = 1 << 22;

    /// <exception cref="OutputFileException">The file cannot be written; the old one is as it was.</exception>
    public static void Write(string path, LayerGraph graph, IWeightSource source, CancellationToken cancellationToken = default) =>
        AtomicFile.Write(path, stream => Write(stream, graph, source, cancellationToken));

    public static void Write(Stream stream, LayerGraph graph, IWeightSource source, CancellationToken cancellationToken = default)
    {
        // All strings of a file that PureHDF writes have one length.
        var longest = graph.Layers.SelectMany(l => Names(l).Append(l.Name)).Append(Backend).Max(Encoding.UTF8.GetByteCount);
        var file = new H5File();
        WriteNames(file, "layer_names", [.. graph.Layers.Select(l => l.Name)], longest);
        file.Attributes["backend"] = Backend;
        file.Attributes["keras_version"] = KerasVersion;
        var arrays = new List<(Layer Layer, WeightSlot Slot, H5Dataset<Memory<float>> Dataset)>();
        foreach (var layer in graph.Layers)
        {
            var group = new H5Group();
            file[layer.Name] = group;
            var names = Names(layer);
            WriteNames(group, "weight_names", names, longest);
            foreach (var (slot, name) in layer.Weights.Zip(names))
            {
                var dataset = new H5Dataset<Memory<float>>([.. slot.Shape.Select(d => (ulong)d)]);
                Place(group, name, dataset);
                arrays.Add((layer, slot, dataset));
            }
        }
        // Compact arrays lie in the header, which is written before their numbers are known.
        using var writer = file.BeginWrite(stream, new H5WriteOptions(DefaultStringLength: longest, PreferCompactDatasetLayout: false));
        foreach (var (layer, slot, dataset) in arrays)
            WriteArray(writer, layer, slot, dataset, source, cancellationToken);
    }

    // Keras' path of a variable; the steps of a Sequential may repeat a kind.
    private static string[] Names(Layer layer)
    {
        var used = new Dictionary<string, int>();
        return [.. layer.Weights.Select(slot =>
        {
            var n = used[slot.Kind] = used.GetValueOrDefault(slot.Kind, -1) + 1;
            return n == 0 ? $"{layer.Name}/{slot.Kind}" : $"{layer.Name}/{slot.Kind}_{n}";
        })];
    }

    private static void Place(H5Group group, string name, object dataset)
    {
        var parts = name.Split('/');
        foreach (var part in parts.SkipLast(1))
        {
            if (!group.TryGetValue(part, out var inner))
                group[part] = inner = new H5Group();
            group = (H5Group)inner;
        }
        group[parts[^1]] = dataset;
    }

    // Keras splits a list whose fixed-length strings pass the limit into as few even parts as will do
    // (numpy's array_split: the first parts are one longer).
    private static void WriteNames(H5Object holder, string attribute, string[] names, int bytesEach)
    {
        if (names.Length == 0)
        {
            holder.Attributes[attribute] = Array.Empty<double>();
            return;
        }
        var parts = 1;
        while ((long)Math.Ceiling(names.Length / (double)parts) * bytesEach > NameList.AttributeLimit)
            parts++;
        if (parts == 1)
        {
            holder.Attributes[attribute] = names;
            return;
        }
        var at = 0;
        for (var part = 0; part < parts; part++)
        {
            var length = names.Length / parts + (part < names.Length % parts ? 1 : 0);
            holder.Attributes[$"{attribute}{part}"] = names[at..(at + length)];
            at += length;
        }
    }

    // Pieces are whole rows of the first dimension; Keras' arrays have rows far smaller than memory.
    private static void WriteArray(
        H5NativeWriter writer, Layer layer, WeightSlot slot, H5Dataset<Memory<float>> dataset, IWeightSource source,
        CancellationToken cancellationToken)
    {
        var rows = slot.Shape.IsEmpty ? 1 : slot.Shape[0];
        if (rows == 0)
            return;
        var rowLength = slot.Count / rows;
        var rowsAtOnce = (int)Math.Clamp(PieceLength / Math.Max(1, rowLength), 1, rows);
        var piece = new float[rowsAtOnce * rowLength];
        for (var row = 0; row < rows; row += rowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(rowsAtOnce, rows - row);
            var numbers = piece.AsMemory(0, (int)(count * rowLength));
            source.Read(layer, slot, row * rowLength, numbers.Span);
            if (rowsAtOnce == rows)
            {
                writer.Write(dataset, numbers);
                return;
            }
            var starts = new ulong[slot.Shape.Length];
            var counts = slot.Shape.Select(d => (ulong)d).ToArray();
            (starts[0], counts[0]) = ((ulong)row, (ulong)count);
            writer.Write(dataset, numbers, new HyperslabSelection(0, (ulong)numbers.Length), new HyperslabSelection(starts.Length, starts, counts));
        }
    }
}

using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using TransferKit.Common;
using TransferKit.Graph;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Files;

namespace TransferKit.Configs.Writing;

/// <summary>
/// Writes a graph with its weights as files that Keras 3 opens: <c>.keras</c> and <c>.h5</c> for <c>load_model</c>, <c>.weights.h5</c> for
/// <c>load_weights</c>. The path's ending chooses the format.
/// </summary>
internal static class KerasModelWriter
{
    public const string Keras = ".keras", Weights = ".weights.h5", Legacy = ".h5";

    // Zip has no time before 1980. A fixed time makes equal models equal files.
    private static readonly DateTimeOffset Undated = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="target">The file to write or replace.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="source">The weights of the graph.</param>
    /// <param name="compiled">How the model was compiled; null if it was not.</param>
    /// <param name="origins">The calls of a file that layers were read from, which are written as they were. Defaults to none.</param>
    /// <param name="cancellationToken">The token to cancel the writing; no incomplete file remains.</param>
    /// <exception cref="OutputFileException">The file cannot be written; an existing file is unchanged.</exception>
    public static void Write(
        OutputTarget target, LayerGraph graph, IWeightSource source, CompileConfig? compiled = null,
        IReadOnlyDictionary<Layer, LayerOrigin>? origins = null, CancellationToken cancellationToken = default)
    {
        if (target.Path.EndsWith(Weights, StringComparison.OrdinalIgnoreCase))
        {
            AtomicFile.Write(target, stream => Keras3H5Writer.Write(stream, graph, source, cancellationToken));
            return;
        }
        var form = target.Path.EndsWith(Keras, StringComparison.OrdinalIgnoreCase) ? ConfigForm.Keras3 : ConfigForm.Legacy;
        var config = ModelConfigWriter.Write(graph, form, origins);
        if (form == ConfigForm.Legacy)
        {
            var (json, training) = (config.ToJsonString(), compiled?.Write(form).ToJsonString());
            AtomicFile.Write(target, stream => LegacyH5Writer.WriteModel(stream, graph, source, json, training, cancellationToken));
            return;
        }
        config["compile_config"] = compiled?.Write(form) ?? new JsonObject();
        WriteArchive(
            target, config.ToJsonString(), LegacyH5Writer.KerasVersion,
            entry => Keras3H5Writer.Write(entry, graph, source, cancellationToken));
    }

    /// <summary>Writes a <c>.keras</c> file. The weights are stored uncompressed, as Keras stores them.</summary>
    public static void WriteArchive(OutputTarget target, string config, string kerasVersion, Action<Stream> writeWeights) =>
        AtomicFile.Write(target, stream =>
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            var metadata = new JsonObject { ["keras_version"] = kerasVersion };
            Add(zip, KerasArchive.MetadataName, entry => entry.Write(Encoding.UTF8.GetBytes(metadata.ToJsonString())));
            Add(zip, KerasArchive.ConfigName, entry => entry.Write(Encoding.UTF8.GetBytes(config)));
            Add(zip, KerasArchive.WeightsName, writeWeights);
        });

    private static void Add(ZipArchive zip, string name, Action<Stream> write)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = Undated;
        using var stream = entry.Open();
        write(stream);
    }
}

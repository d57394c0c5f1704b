using System.Text.Json;
using System.Text.Json.Nodes;
using TransferKit.Common;
using TransferKit.Configs.Reading;
using TransferKit.Configs.Writing;
using TransferKit.Graph;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit.Configs.Files;

/// <summary>
/// Represents an open file of a whole model: <c>.keras</c>, a zip archive with <c>config.json</c>, or <c>.h5</c> with an attribute
/// <c>model_config</c>.
/// </summary>
internal sealed class KerasModelFile : IDisposable
{
    private readonly WeightFile _file;
    private readonly BoundWeights _weights;

    private KerasModelFile(WeightFile file, string configText, ModelConfig config, ConfigGraph graph, BoundWeights weights) =>
        (_file, Name, ConfigText, Config, Graph, _weights) = (file, file.Name, configText, config, graph, weights);

    /// <summary>Gets the path of the file.</summary>
    public string Name { get; }

    /// <summary>Gets the configuration as the file has it.</summary>
    public string ConfigText { get; }

    public ModelConfig Config { get; }

    public ConfigGraph Graph { get; }

    public IWeightSource Weights => _weights;

    /// <summary>Gets the version of Keras that wrote the file; null if the file does not say.</summary>
    public string? KerasVersion { get; private init; }

    /// <summary>Gets whether Keras 3 wrote the file, which does not read all settings of Keras 2.</summary>
    public bool IsOfKeras3 => KerasVersion?.StartsWith('3') == true;

    /// <summary>Gets the settings of <c>compile</c>: the optimiser and the loss; null if the model was not compiled.</summary>
    public JsonElement? Compiled { get; private init; }

    /// <summary>Opens a file, builds the graph, and binds the weights. The weights stay in the file until they are read.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="size">The height and width of a model that takes any size.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="KerasModelException">The file has no configuration, or one that TransferKit cannot run.</exception>
    /// <exception cref="WeightsFormatException">The file is damaged, or of another format.</exception>
    /// <exception cref="WeightsMismatchException">The weights do not fit the configuration.</exception>
    public static KerasModelFile Open(string path, ImageSize? size = null)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"The model '{path}' does not exist.", path);
        var file = WeightFile.Open(path);
        try
        {
            var text = file.Config ?? throw new KerasModelException(path, null,
                "it holds weights without a model. Load it into a network by name, Backbone.Load(name, weights: Weights.File(path)), "
                + "or save the whole model in Keras with model.save(path).");
            var root = ConfigReader.Parse(path, text);
            var config = ConfigReader.Read(path, root);
            var graph = GraphReader.Read(path, config, size);
            return new(file, text, config, graph, ConfigWeights.Bind(file, config, graph))
            {
                KerasVersion = file.KerasVersion,
                Compiled = CompiledOf(path, root, file),
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private bool IsArchive => _file.Layout == WeightLayout.Keras3;

    /// <summary>Gets whether a path names the format of this file, in which the configuration can stay as it is.</summary>
    /// <exception cref="KerasModelException">The path is for weights alone in a layout that this file does not have.</exception>
    public bool CanSaveAsIs(string path)
    {
        if (!path.EndsWith(KerasModelWriter.Weights, StringComparison.OrdinalIgnoreCase))
            return path.EndsWith(IsArchive ? KerasModelWriter.Keras : KerasModelWriter.Legacy, StringComparison.OrdinalIgnoreCase);
        return IsArchive
            ? true
            : throw new KerasModelException(Name, null, "it is a .h5 file, whose weights Keras does not load from .weights.h5 alone. "
                + "Save the whole model, as .h5 or .keras.");
    }

    /// <summary>Writes the model again in the format of its file: the same configuration, the same names of weights.</summary>
    /// <param name="target">The file to write or replace, for which <see cref="CanSaveAsIs"/> is true.</param>
    /// <param name="weights">
    /// The weights of the graph, in place of the file's own. Defaults to null: every weight with the same bits.
    /// </param>
    /// <param name="compiled">How the model was compiled, in place of the file's own note. Defaults to null: as in the file.</param>
    /// <param name="cancellationToken">The token to cancel the writing; no incomplete file remains.</param>
    /// <exception cref="OutputFileException">The file cannot be written; an existing file is unchanged.</exception>
    public void Save(
        OutputTarget target, IWeightSource? weights = null, CompileConfig? compiled = null, CancellationToken cancellationToken = default)
    {
        var attributes = new Dictionary<string, string>();
        var bound = weights is null
            ? new Dictionary<StoredWeight, (Layer Layer, WeightSlot Slot)>()
            : _weights.Places(Graph.Graph);
        if (IsArchive && !target.Path.EndsWith(KerasModelWriter.Weights, StringComparison.OrdinalIgnoreCase))
        {
            KerasModelWriter.WriteArchive(target, ConfigWith(compiled), KerasVersion ?? LegacyH5Writer.KerasVersion, Write);
            return;
        }
        foreach (var noted in (string[])["backend", "keras_version", "model_config", "training_config"])
        {
            if (_file.Attribute(noted) is { } text)
                attributes.Add(noted, text);
        }
        if (compiled is not null && !IsArchive)
            attributes["training_config"] = compiled.Write(ConfigForm.Legacy).ToJsonString();
        AtomicFile.Write(target, Write);

        void Write(Stream stream) => StoredWeightsWriter.Write(stream, _file, attributes, Values, cancellationToken);

        Action<long, Span<float>>? Values(StoredWeight stored) => bound.TryGetValue(stored, out var place)
            ? (start, numbers) => weights!.Read(place.Layer, place.Slot, start, numbers)
            : null;
    }

    /// <summary>Writes a flat model that was made from this one. Layers of Keras 3's files are written as they were.</summary>
    /// <exception cref="KerasModelException">A layer cannot be written for Keras 3.</exception>
    /// <exception cref="OutputFileException">The file cannot be written; an existing file is unchanged.</exception>
    public void SaveFlat(
        OutputTarget target, FlatModel flat, LayerGraph graph, IWeightSource weights, CompileConfig? compiled,
        CancellationToken cancellationToken = default)
    {
        // Layers of Keras 2 are written anew as far as possible.
        var origins = IsOfKeras3
            ? flat.Origins
            : flat.Origins.Where(o => !IsOperatorOfKeras2(o.Value.Entry) && !CanWrite(o.Key)).ToDictionary();
        try
        {
            KerasModelWriter.Write(target, graph, weights, compiled, origins, cancellationToken);
        }
        // A name of the file may be none that HDF5 has, such as an empty one.
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            throw new KerasModelException(Name, null, e.Message, e);
        }
    }

    private static bool IsOperatorOfKeras2(LayerEntry entry) => entry.ClassName is "TFOpLambda" or "SlicingOpLambda";

    private static bool CanWrite(Layer layer) =>
        !layer.Inputs.IsEmpty && WrittenClasses.Find(OperatorLayers.Of(layer.Op), layer.Inputs[0].OutputShape) is not null;

    public void Dispose() => _weights.Dispose();

    private string ConfigWith(CompileConfig? compiled)
    {
        if (compiled is null)
            return ConfigText;
        var config = JsonNode.Parse(ConfigText, documentOptions: new() { MaxDepth = ConfigReader.Depth })!;
        config["compile_config"] = compiled.Write(ConfigForm.Keras3);
        return config.ToJsonString();
    }

    private static JsonElement? CompiledOf(string path, JsonElement root, WeightFile file)
    {
        if (root.TryGetProperty("compile_config", out var own))
            return own.ValueKind == JsonValueKind.Object ? own : null;
        return file.Attribute("training_config") is { } text
            && ConfigReader.Parse(path, text) is { ValueKind: JsonValueKind.Object } old ? old : null;
    }
}

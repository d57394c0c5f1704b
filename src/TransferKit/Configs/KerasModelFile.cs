using System.Text.Json;
using TransferKit.Common;
using TransferKit.Configs.Reading;
using TransferKit.Configs.Writing;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit.Configs;

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

    /// <summary>Writes the model again in the format of its file: the same configuration, the same weights under the same names.</summary>
    /// <exception cref="OutputFormatException">The extension is not that of the format.</exception>
    /// <exception cref="OutputFileException">The file cannot be written; an existing file is unchanged.</exception>
    public void Save(string path, CancellationToken cancellationToken)
    {
        var isArchive = _file.Layout == WeightLayout.Keras3;
        var target = OutputTarget.OfWritable(path, isArchive ? KerasModelWriter.Keras : KerasModelWriter.Legacy);
        var attributes = new Dictionary<string, string>();
        if (isArchive)
        {
            KerasModelWriter.WriteArchive(
                target, ConfigText, KerasVersion ?? LegacyH5Writer.KerasVersion,
                stream => StoredWeightsWriter.Write(stream, _file, attributes, cancellationToken));
            return;
        }
        foreach (var noted in (string[])["backend", "keras_version", "model_config", "training_config"])
        {
            if (_file.Attribute(noted) is { } text)
                attributes.Add(noted, text);
        }
        AtomicFile.Write(target, stream => StoredWeightsWriter.Write(stream, _file, attributes, cancellationToken));
    }

    public void Dispose() => _weights.Dispose();

    private static JsonElement? CompiledOf(string path, JsonElement root, WeightFile file)
    {
        if (root.TryGetProperty("compile_config", out var own))
            return own.ValueKind == JsonValueKind.Object ? own : null;
        return file.Attribute("training_config") is { } text
            && ConfigReader.Parse(path, text) is { ValueKind: JsonValueKind.Object } old ? old : null;
    }
}

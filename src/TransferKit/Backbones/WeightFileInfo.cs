using TransferKit.Backbones;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Store;

namespace TransferKit;

/// <summary>
/// Describes a weight file: what it holds, and which backbones can be loaded from it. Reading it needs names and shapes only, no weights.
/// </summary>
public sealed class WeightFileInfo
{
    private WeightFileInfo(WeightFile file)
    {
        File = file.Name;
        Format = FormatOf(file);
        KerasVersion = file.KerasVersion;
        Models = [.. file.Models.Select(m => new WeightFileModel(m))];
        Uses = [.. BackboneGuess.Of(file)];
    }

    /// <summary>Gets the file's path.</summary>
    public string File { get; }

    /// <summary>Gets the format in words, such as <c>whole model of Keras 3 (.keras)</c>.</summary>
    public string Format { get; }

    /// <summary>Gets the version of Keras that wrote the file; null if the file does not note it.</summary>
    public string? KerasVersion { get; }

    /// <summary>Gets the models that the file holds: its own first, then those nested in it.</summary>
    public IReadOnlyList<WeightFileModel> Models { get; }

    /// <summary>Gets the backbones whose weights the file holds; none if it holds another network.</summary>
    public IReadOnlyList<WeightFileUse> Uses { get; }

    /// <summary>Reads what a file holds.</summary>
    /// <param name="path">The path of a <c>.h5</c>, <c>.weights.h5</c>, <c>.weights.json</c> or <c>.keras</c> file.</param>
    /// <exception cref="WeightsFormatException">The file is not a weight file of Keras, or is damaged.</exception>
    /// <exception cref="WeightsUnavailableException">The file does not exist or cannot be read.</exception>
    public static WeightFileInfo Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = WeightLoader.OpenFile(Path.GetFullPath(path), WeightFile.Open);
        return new(file);
    }

    private static string FormatOf(WeightFile file) => (file.Layout, file.Config, Path.GetExtension(file.Name).ToLowerInvariant()) switch
    {
        (_, _, ".json") => "weights of Keras 3 in shards (.weights.json)",
        (WeightLayout.Keras3, not null, _) => "whole model of Keras 3 (.keras)",
        (WeightLayout.Keras3, null, _) => "weights of Keras 3 (.weights.h5)",
        (_, not null, _) => "whole model (.h5)",
        _ => "weights (.h5)",
    };
}

/// <summary>Describes a model in a weight file.</summary>
public sealed class WeightFileModel
{
    internal WeightFileModel(StoredModel model)
    {
        (Path, Name) = (model.Path, model.Name);
        Layers = [.. model.Layers.Where(l => !l.Weights.IsEmpty).Select(l => new WeightFileLayer(l))];
    }

    /// <summary>Gets the place in the file, as <see cref="IBackbone.NestedModel"/> has it; empty for the file's own model.</summary>
    public string Path { get; }

    /// <summary>Gets Keras' name of the model; null if the file does not store it.</summary>
    public string? Name { get; }

    /// <summary>Gets the layers that have weights. A nested model counts as one layer.</summary>
    public IReadOnlyList<WeightFileLayer> Layers { get; }
}

/// <summary>Describes a layer with weights in a weight file.</summary>
public sealed class WeightFileLayer
{
    internal WeightFileLayer(StoredLayer layer)
    {
        (Name, IsModel) = (layer.LayerName ?? layer.Name, layer.IsNested);
        Shapes = [.. layer.Weights.Select(w => (IReadOnlyList<long>)w.Shape)];
    }

    /// <summary>Gets Keras' name of the layer, or of its group if the file does not store the name.</summary>
    public string Name { get; }

    /// <summary>Gets whether the layer is a nested model.</summary>
    public bool IsModel { get; }

    /// <summary>Gets the shapes of the layer's weights in Keras' order; a scalar has no dimensions.</summary>
    public IReadOnlyList<IReadOnlyList<long>> Shapes { get; }

    /// <summary>Gets the number of parameters.</summary>
    public long Parameters => Shapes.Sum(s => s.Aggregate(1L, (product, d) => product * d));
}

/// <summary>Describes a backbone whose weights a file holds.</summary>
public sealed class WeightFileUse
{
    internal WeightFileUse(string application, BackboneOptions options, string model, IReadOnlyList<string> unusedLayers) =>
        (Application, Options, Model, UnusedLayers) = (application, options, model, unusedLayers);

    /// <summary>Gets the name to load the backbone by, such as <c>mobilenet</c>.</summary>
    public string Application { get; }

    /// <summary>Gets the options to load it with: weights, top, classes, width. Shapes do not tell the input size.</summary>
    public BackboneOptions Options { get; }

    /// <summary>Gets the <see cref="WeightFileModel.Path"/> of the model with its weights.</summary>
    public string Model { get; }

    /// <summary>Gets the layers of that model that the backbone does not have.</summary>
    public IReadOnlyList<string> UnusedLayers { get; }
}

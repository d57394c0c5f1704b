using System.Collections.Immutable;
using System.Text.Json;

namespace TransferKit.WeightSources.Files;

/// <summary>
/// Represents what a saved model's configuration says of its layers' order: class and name of each, and the layers of nested models. It
/// says nothing of what they compute.
/// </summary>
internal sealed record ModelOutline(string ClassName, string Name)
{
    // A configuration nests about four levels of JSON for each nested model.
    private const int DeepestJson = 128;
    private const int MostLayers = 100_000;

    /// <summary>Gets the layers in the model's order; none if this is a layer and no model.</summary>
    public ImmutableArray<ModelOutline> Layers { get; init; } = [];

    public bool IsModel { get; init; }

    /// <summary>Gets all layers below this model that have no layers of their own, in order, each with the models that hold it.</summary>
    public IEnumerable<(ImmutableArray<string> Models, ModelOutline Layer)> Leaves() => Leaves([]);

    /// <summary>Reads Keras' <c>config.json</c>, or the attribute <c>model_config</c> of a whole <c>.h5</c>.</summary>
    /// <param name="file">The name of the file in messages.</param>
    /// <param name="config">The configuration as JSON.</param>
    /// <exception cref="WeightsFormatException">The configuration is not JSON, or not that of a model.</exception>
    public static ModelOutline Read(string file, string config)
    {
        try
        {
            using var document = JsonDocument.Parse(config, new() { MaxDepth = DeepestJson });
            var budget = MostLayers;
            return Read(document.RootElement, ref budget)
                ?? throw new WeightsFormatException(file, "its model configuration names no class");
        }
        catch (JsonException e)
        {
            throw new WeightsFormatException(file, $"its model configuration is no JSON that Keras writes: {e.Message}", e);
        }
    }

    private IEnumerable<(ImmutableArray<string> Models, ModelOutline Layer)> Leaves(ImmutableArray<string> models) =>
        Layers.SelectMany(l => l.IsModel ? l.Leaves(models.Add(l.Name)) : [(models, l)]);

    private static ModelOutline? Read(JsonElement item, ref int budget)
    {
        if (--budget < 0)
            throw new JsonException($"it lists more than {MostLayers:N0} layers");
        if (item.ValueKind != JsonValueKind.Object || Text(item, "class_name") is not { } className)
            return null;
        var config = item.TryGetProperty("config", out var own) ? own : default;
        var name = Text(item, "name") ?? Text(config, "name") ?? "";
        // Old files of Keras 2 hold a Sequential's layers as its whole configuration.
        var layers = config.ValueKind == JsonValueKind.Array ? config
            : config.ValueKind == JsonValueKind.Object && config.TryGetProperty("layers", out var listed) ? listed
            : default;
        if (layers.ValueKind != JsonValueKind.Array)
            return new(className, name);
        var inner = ImmutableArray.CreateBuilder<ModelOutline>();
        foreach (var layer in layers.EnumerateArray())
        {
            if (Read(layer, ref budget) is { } read)
                inner.Add(read);
        }
        return new(className, name) { IsModel = true, Layers = inner.DrainToImmutable() };
    }

    private static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}

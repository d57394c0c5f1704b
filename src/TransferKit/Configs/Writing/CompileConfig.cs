using System.Text.Json;
using System.Text.Json.Nodes;
using TransferKit.Configs.Reading;

namespace TransferKit.Configs.Writing;

/// <summary>Represents how a model was compiled: the arguments of Keras' <c>compile</c>. The optimizer's state is not part of it.</summary>
internal sealed class CompileConfig
{
    private readonly Func<JsonObject> _settings;

    private CompileConfig(Func<JsonObject> settings) => _settings = settings;

    /// <param name="optimizer">The optimizer as Keras serializes it, with its module <c>keras.optimizers</c>.</param>
    /// <param name="loss">
    /// Keras' name of the loss, such as <c>sparse_categorical_crossentropy</c>, or the loss as Keras serializes it.
    /// </param>
    /// <param name="metrics">Keras' names of the metrics.</param>
    public CompileConfig(Func<JsonObject> optimizer, Func<JsonNode> loss, string[] metrics) : this(() => new()
    {
        ["optimizer"] = optimizer(),
        ["loss"] = loss(),
        ["loss_weights"] = null,
        ["metrics"] = new JsonArray([.. metrics.Select(m => (JsonNode)m)]),
        ["weighted_metrics"] = null,
        ["run_eagerly"] = false,
        ["steps_per_execution"] = 1,
        ["jit_compile"] = false,
    })
    {
    }

    /// <summary>Reads how a file of Keras 3 was compiled; null if that names code outside the file.</summary>
    /// <param name="noted">The <c>compile_config</c> or <c>training_config</c>.</param>
    public static CompileConfig? Of(JsonElement noted)
    {
        var settings = Settings();
        return settings["optimizer"] is JsonObject && IsOfKeras(settings) ? new(Settings) : null;

        JsonObject Settings()
        {
            var copy = (JsonObject)JsonNode.Parse(noted.GetRawText(), documentOptions: new() { MaxDepth = ConfigReader.Depth })!;
            if (copy.Remove("optimizer_config", out var old))
                copy["optimizer"] = old;
            AddModules(copy["optimizer"], "keras.optimizers");
            AddModules(copy["loss"], "keras.losses");
            AddModules(copy["metrics"], "keras.metrics");
            AddModules(copy["weighted_metrics"], "keras.metrics");
            return copy;
        }
    }

    /// <summary>Gets whether losses, metrics or weights are given by the names of outputs.</summary>
    public bool NamesOutputs => _settings() is var settings && ((string[])["loss", "metrics", "weighted_metrics", "loss_weights"])
        .Any(key => settings[key] is JsonObject named && !named.ContainsKey("class_name"));

    /// <summary>Writes Keras 3's <c>compile_config</c>, or the <c>training_config</c> of a <c>.h5</c> file.</summary>
    public JsonObject Write(ConfigForm form)
    {
        var result = _settings();
        if (form == ConfigForm.Legacy && result.Remove("optimizer", out var optimizer))
            result["optimizer_config"] = optimizer;
        return PythonFloats.In(result);
    }

    // A .h5 file names no modules.
    private static void AddModules(JsonNode? node, string module)
    {
        if (node is JsonObject own && own.ContainsKey("class_name"))
        {
            if (!own.ContainsKey("module"))
                (own["module"], own["registered_name"]) = (module, null);
            return;
        }
        foreach (var inner in Inner(node))
            AddModules(inner, module);
    }

    private static bool IsOfKeras(JsonNode? node) =>
        !(node is JsonObject own && own["module"] is { } module && !module.ToString().StartsWith("keras", StringComparison.Ordinal))
        && Inner(node).All(IsOfKeras);

    private static IEnumerable<JsonNode?> Inner(JsonNode? node) => node switch
    {
        JsonObject named => named.Select(n => n.Value),
        JsonArray list => list,
        _ => [],
    };
}

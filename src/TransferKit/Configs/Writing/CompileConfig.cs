using System.Text.Json.Nodes;

namespace TransferKit.Configs.Writing;

/// <summary>Represents how a model was compiled: the arguments of Keras' <c>compile</c>. The optimizer's state is not part of it.</summary>
/// <param name="Optimizer">The optimizer as Keras serializes it, with its module <c>keras.optimizers</c>.</param>
/// <param name="Loss">Keras' name of the loss, such as <c>sparse_categorical_crossentropy</c>, or the loss as Keras serializes it.</param>
/// <param name="Metrics">Keras' names of the metrics.</param>
internal sealed record CompileConfig(Func<JsonObject> Optimizer, Func<JsonNode> Loss, string[] Metrics)
{
    /// <summary>Writes Keras 3's <c>compile_config</c>, or the <c>training_config</c> of a <c>.h5</c> file.</summary>
    public JsonObject Write(ConfigForm form)
    {
        var optimizer = Optimizer();
        var result = new JsonObject
        {
            ["loss"] = Loss(),
            ["loss_weights"] = null,
            ["metrics"] = new JsonArray([.. Metrics.Select(m => (JsonNode)m)]),
            ["weighted_metrics"] = null,
            ["run_eagerly"] = false,
            ["steps_per_execution"] = 1,
            ["jit_compile"] = false,
        };
        if (form == ConfigForm.Keras3)
            result["optimizer"] = optimizer;
        else
            result["optimizer_config"] = optimizer;
        return result;
    }
}

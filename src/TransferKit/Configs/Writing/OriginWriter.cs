using System.Text.Json;
using System.Text.Json.Nodes;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Writing;

/// <summary>
/// Writes a layer as the file had it that it was read from: its class, all of its settings, and the arguments of its call. Only its name,
/// its flags and the layers it reads are new.
/// </summary>
/// <param name="tensor">Writes the output of a layer as an argument.</param>
internal sealed class OriginWriter(Func<Layer, JsonObject> tensor)
{
    /// <summary>Gets whether a layer is an operator of <c>keras.ops</c>.</summary>
    public static bool IsOperator(LayerEntry entry) => entry.Module?.StartsWith("keras.src.ops", StringComparison.Ordinal) == true;

    public static JsonObject Config(Layer layer, LayerEntry entry)
    {
        var config = (JsonObject)Node(entry.Config)!;
        config["name"] = layer.Name;
        // Operators and a few layers without weights, such as SpatialDropout2D, have no flag and refuse one.
        if (config.ContainsKey("trainable"))
            config["trainable"] = layer.IsTrainable;
        return config;
    }

    public JsonObject Call(Layer layer, LayerOrigin origin)
    {
        var inputs = new Queue<Layer>(origin.Inputs);
        var arguments = new JsonArray([.. origin.Call.Arguments.Select(a => Value(a, inputs))]);
        if (arguments.Count == 0)
            arguments.Add((JsonNode)tensor(inputs.Dequeue()));
        var named = new JsonObject();
        foreach (var (name, value) in origin.Call.Named.Where(n => n.Key != "training"))
            named[name] = Value(value, inputs);
        // An outer model may have passed it on.
        if (layer.RunsInInference && layer.Op is BatchNormalization or Dropout or PassThrough { ChangesInTraining: true })
            named["training"] = false;
        return new() { ["args"] = arguments, ["kwargs"] = named };
    }

    private JsonNode? Value(CallValue value, Queue<Layer> inputs) => value switch
    {
        CallValue.Tensor => tensor(inputs.Dequeue()),
        CallValue.Items items => new JsonArray([.. items.Values.Select(v => Value(v, inputs))]),
        CallValue.Slice slice => Special("__slice__", ("start", slice.Start), ("stop", slice.Stop), ("step", slice.Step)),
        CallValue.Ellipsis => Special("__ellipsis__"),
        CallValue.Constant constant => Node(constant.Value),
        _ => throw new NotSupportedException($"TransferKit cannot write the argument {value}."),
    };

    private static JsonObject Special(string className, params ReadOnlySpan<(string, JsonNode?)> config) => new()
    {
        ["class_name"] = className,
        ["config"] = KerasObject.Entries(config),
    };

    private static JsonNode? Node(JsonElement value) =>
        JsonNode.Parse(value.GetRawText(), documentOptions: new() { MaxDepth = ConfigReader.Depth });
}

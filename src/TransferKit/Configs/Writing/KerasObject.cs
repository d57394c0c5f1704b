using System.Text.Json.Nodes;

namespace TransferKit.Configs.Writing;

/// <summary>Writes objects as Keras 3 serializes them (Keras: <c>serialize_keras_object</c>).</summary>
internal static class KerasObject
{
    /// <summary>Creates an object of a class of a public module.</summary>
    public static JsonObject Of(string module, string className, params ReadOnlySpan<(string Key, JsonNode? Value)> config) => new()
    {
        ["module"] = module,
        ["class_name"] = className,
        ["config"] = Entries(config),
        ["registered_name"] = null,
    };

    public static JsonObject Entries(params ReadOnlySpan<(string Key, JsonNode? Value)> entries)
    {
        var result = new JsonObject();
        foreach (var (key, value) in entries)
            result[key] = value;
        return result;
    }
}

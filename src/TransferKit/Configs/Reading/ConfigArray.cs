using System.Text.Json;

namespace TransferKit.Configs.Reading;

/// <summary>Reads lists and arrays, which Keras writes as JSON lists or as objects that hold one.</summary>
internal static class ConfigArray
{
    /// <summary>Gets the items of a list, which Keras also writes as <c>{"class_name": "__tuple__", "items": […]}</c>.</summary>
    public static IEnumerable<JsonElement> Items(string key, JsonElement value)
    {
        if (IsTuple(value))
            value = value.GetProperty("items");
        return value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray()
            : throw new ConfigException($"has {key} {LayerConfig.Printed(value)}; it must be a list.");
    }

    /// <summary>Gets whether an object stands for a list: a tuple, or a shape of Keras 2.</summary>
    public static bool IsTuple(JsonElement value) => value.ValueKind == JsonValueKind.Object
        && value.TryGetProperty("class_name", out _) && value.TryGetProperty("items", out _);

    /// <summary>
    /// Gets the numbers of a scalar, a list, or an array of any rank, row-major: Keras 3's <c>__numpy__</c> and <c>__tensor__</c>, Keras
    /// 2's <c>ndarray</c>.
    /// </summary>
    public static IEnumerable<double> Numbers(string key, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => [value.GetDouble()],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(i => Numbers(key, i)),
        JsonValueKind.Object when Inner(value) is { } inner => Numbers(key, inner),
        _ => throw new ConfigException($"has {key} {LayerConfig.Printed(value)}; it must be a number or an array."),
    };

    private static JsonElement? Inner(JsonElement value)
    {
        if (value.TryGetProperty("config", out var config) && config.ValueKind == JsonValueKind.Object)
            value = config;
        return value.TryGetProperty("value", out var inner) || value.TryGetProperty("items", out inner) ? inner : null;
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TransferKit.Configs.Writing;

/// <summary>
/// Writes whole floats as Python does, <c>0.0</c>. JSON has one kind of number, but Keras refuses <c>0</c> where it needs a float, such as
/// the momentum of <c>SGD</c> or a learning rate.
/// </summary>
internal static class PythonFloats
{
    /// <summary>Changes the floats of an object in place, and returns it. Numbers that were read from a file stay as they are.</summary>
    public static JsonObject In(JsonObject written)
    {
        foreach (var (key, value) in written.ToArray())
        {
            if (Float(value) is { } number)
                written[key] = number;
            else
                Inside(value);
        }
        return written;
    }

    private static void Inside(JsonNode? node)
    {
        if (node is JsonObject named)
            In(named);
        if (node is not JsonArray list)
            return;
        for (var i = 0; i < list.Count; i++)
        {
            if (Float(list[i]) is { } number)
                list[i] = number;
            else
                Inside(list[i]);
        }
    }

    private static JsonNode? Float(JsonNode? node) =>
        node is JsonValue value && !value.TryGetValue<JsonElement>(out _) && value.TryGetValue<double>(out var number)
            && Math.Abs(number) < 1e15 && number == Math.Floor(number)
            ? JsonNode.Parse(number.ToString("0.0", CultureInfo.InvariantCulture))
            : null;
}

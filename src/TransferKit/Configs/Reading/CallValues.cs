using System.Text.Json;

namespace TransferKit.Configs.Reading;

/// <summary>Reads the arguments of calls in the forms of Keras 2 and 3.</summary>
internal static class CallValues
{
    /// <summary>Reads an argument of Keras 3, in which tensors, slices and arrays are objects with a class.</summary>
    public static CallValue Read3(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object when ClassOf(value) is "__keras_tensor__" => Tensor(value.GetProperty("config").GetProperty("keras_history"))
            ?? throw new ConfigException("has an input without a history."),
        JsonValueKind.Object when ClassOf(value) is "__slice__" => Slice(value.GetProperty("config")),
        JsonValueKind.Object when ClassOf(value) is "__ellipsis__" => new CallValue.Ellipsis(),
        JsonValueKind.Object when ClassOf(value) is "__lambda__" =>
            throw new ConfigException("is called with a Python lambda, which is code. TransferKit never runs code of a file."),
        JsonValueKind.Array when !IsPlain(value) => new CallValue.Items([.. value.EnumerateArray().Select(Read3)]),
        JsonValueKind.Object when ConfigArray.IsTuple(value) => Read3(value.GetProperty("items")),
        _ => new CallValue.Constant(value),
    };

    /// <summary>Reads a named argument of Keras 2, in which a tensor is <c>["conv1", 0, 0]</c>.</summary>
    public static CallValue Read2(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array when Tensor(value) is { } tensor => tensor,
        JsonValueKind.Array when !IsPlain(value) => new CallValue.Items([.. value.EnumerateArray().Select(Read2)]),
        JsonValueKind.Object when ConfigArray.IsTuple(value) => Read2(value.GetProperty("items")),
        JsonValueKind.Object when value.TryGetProperty("step", out _) => Slice(value),
        JsonValueKind.Object when ClassOf(value) is "__ellipsis__" => new CallValue.Ellipsis(),
        _ => new CallValue.Constant(value),
    };

    /// <summary>Reads the first argument of Keras 2: <c>["conv1", 0, 0, {…}]</c>, or <c>["_CONSTANT_VALUE", -1, 2.0, {…}]</c>.</summary>
    public static CallValue Read2First(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 2 && value[0].ValueKind == JsonValueKind.String
            && value[0].GetString() == "_CONSTANT_VALUE")
        {
            return new CallValue.Constant(value[2]);
        }
        return Tensor(value) ?? throw new ConfigException($"has an input {LayerConfig.Printed(value)}, which is not [layer, call, index].");
    }

    public static CallValue.Tensor? Tensor(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is 3 or 4 && value[0].ValueKind == JsonValueKind.String
        && Index(value[1]) is { } call && Index(value[2]) is { } index
            ? new(value[0].GetString()!, call, index)
            : null;

    private static CallValue.Slice Slice(JsonElement slice)
    {
        return new(Bound("start"), Bound("stop"), Bound("step"));

        int? Bound(string key) =>
            slice.TryGetProperty(key, out var bound) && bound.ValueKind != JsonValueKind.Null ? bound.GetInt32() : null;
    }

    private static int? Index(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var index) && index >= 0 ? index : null;

    private static string? ClassOf(JsonElement value) =>
        value.TryGetProperty("class_name", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    // A list of numbers, texts and flags is one constant, at any depth.
    private static bool IsPlain(JsonElement list) => list.EnumerateArray().All(i => i.ValueKind switch
    {
        JsonValueKind.Object => false,
        JsonValueKind.Array => CallValues.Tensor(i) is null && IsPlain(i),
        _ => true,
    });
}

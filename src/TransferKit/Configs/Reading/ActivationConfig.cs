using System.Text.Json;
using TransferKit.Graph;

namespace TransferKit.Configs.Reading;

/// <summary>Reads an activation, which Keras writes as a name or as an object with a class.</summary>
internal static class ActivationConfig
{
    private static readonly Dictionary<string, ActivationKind> Kinds = Enum.GetValues<ActivationKind>()
        .ToDictionary(k => ((ActivationKind?)k).KerasName()!);

    static ActivationConfig()
    {
        // Keras 3 calls swish silu, and hard_swish hard_silu.
        Kinds["silu"] = ActivationKind.Swish;
        Kinds["hard_silu"] = ActivationKind.HardSwish;
    }

    public static ActivationKind Read(JsonElement value)
    {
        var name = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Object when value.TryGetProperty("config", out var inner) && inner.ValueKind == JsonValueKind.String
                => inner.GetString()!,
            JsonValueKind.Object when value.TryGetProperty("class_name", out var inner) && inner.ValueKind == JsonValueKind.String =>
                inner.GetString()!,
            _ => throw new ConfigException($"has the activation {LayerConfig.Printed(value)}; it must be a name."),
        };
        return Kinds.TryGetValue(name.ToLowerInvariant(), out var kind)
            ? kind
            : throw new ConfigException($"has the activation '{name}', which TransferKit does not know. It knows "
                + $"{string.Join(", ", Kinds.Keys.Order(StringComparer.Ordinal))}.");
    }
}

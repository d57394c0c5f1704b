using System.Text.Json;
using TransferKit.Backbones.Whole;
using TransferKit.Graph;

namespace TransferKit.Training.Forms;

/// <summary>Reads what a whole model's layers add to the loss, and refuses what training cannot follow.</summary>
internal static class FileRegularizers
{
    /// <exception cref="KerasModelException">A layer has a regularizer or constraint that is not supported.</exception>
    public static IEnumerable<Penalty> Of(WholeModel model)
    {
        foreach (var (layer, origin) in model.File.Graph.Origins)
        {
            var config = origin.Entry.Config;
            if (config.ValueKind != JsonValueKind.Object || layer.SharesWeightsOf is not null)
                continue;
            foreach (var setting in config.EnumerateObject().Where(s => s.Value.ValueKind != JsonValueKind.Null))
            {
                if (setting.Name.EndsWith("_constraint", StringComparison.Ordinal) || setting.Name == "activity_regularizer")
                    throw Refused(model, layer, setting.Name);
                if (!setting.Name.EndsWith("_regularizer", StringComparison.Ordinal))
                    continue;
                var weight = layer.Weights.Select(w => $"{w.Kind.Replace("_kernel", "", StringComparison.Ordinal)}_regularizer")
                    .ToList().IndexOf(setting.Name);
                if (weight < 0)
                    continue;
                var (l1, l2) = Factors(setting.Value) ?? throw Refused(model, layer, setting.Name);
                yield return new(layer, weight, l1, l2);
            }
        }
    }

    private static (double L1, double L2)? Factors(JsonElement regularizer)
    {
        // Keras 2 wrote some by name, with the default factor.
        if (regularizer.ValueKind == JsonValueKind.String)
            return Factors(regularizer.GetString()!, default);
        return regularizer.ValueKind == JsonValueKind.Object && regularizer.TryGetProperty("class_name", out var name)
            && name.ValueKind == JsonValueKind.String && regularizer.TryGetProperty("config", out var config)
            ? Factors(name.GetString()!, config)
            : null;
    }

    private static (double L1, double L2)? Factors(string name, JsonElement config) => name.ToLowerInvariant() switch
    {
        "l1" => (Factor(config, "l1", 0.01), 0),
        "l2" => (0, Factor(config, "l2", 0.01)),
        "l1l2" => (Factor(config, "l1", 0), Factor(config, "l2", 0)),
        _ => null,
    };

    private static double Factor(JsonElement config, string key, double absent) =>
        config.ValueKind == JsonValueKind.Object && config.TryGetProperty(key, out var factor) && factor.ValueKind == JsonValueKind.Number
            ? factor.GetDouble()
            : absent;

    private static KerasModelException Refused(WholeModel model, Layer layer, string setting) => new(model.File.Name, layer.Name,
        $"({layer.Op.TypeName}) has {setting}, with which TransferKit cannot train. It knows the regularizers L1, L2 and L1L2 of weights.");
}

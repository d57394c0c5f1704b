using System.Text.Json;

namespace TransferKit.Configs;

/// <summary>Reads the loss that a model was compiled with, which Keras writes as a name or as an object with a class.</summary>
internal static class CompiledLoss
{
    private static readonly HashSet<string> OfNumbers = new(StringComparer.OrdinalIgnoreCase)
    {
        "mse", "mae", "mape", "msle", "MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError",
        "mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_logarithmic_error", "huber",
        "log_cosh", "LogCosh", "logcosh",
    };

    /// <summary>Gets whether the loss compares numbers, so that the model is a regression.</summary>
    /// <param name="compiled">The settings of <c>compile</c>; null if the model was not compiled.</param>
    public static bool IsOfNumbers(JsonElement? compiled)
    {
        if (compiled is not { } settings || !settings.TryGetProperty("loss", out var loss))
            return false;
        if (loss.ValueKind == JsonValueKind.Object && loss.TryGetProperty("class_name", out var className))
            loss = className;
        return loss.ValueKind == JsonValueKind.String && OfNumbers.Contains(loss.GetString()!);
    }
}

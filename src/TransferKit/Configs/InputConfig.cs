using System.Text.Json;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs;

/// <summary>Finds the input of a whole model: one batch of pictures in colour or grey, channels last.</summary>
internal static class InputConfig
{
    private const int LargestSide = 1 << 14;

    /// <summary>Gets the input's layer, which is null for a sequential model without one, and its shape.</summary>
    /// <exception cref="KerasModelException">The model takes something else than one picture, or its size is unknown.</exception>
    public static (LayerEntry? Entry, Shape Shape) Of(string file, ModelConfig model, ImageSize? size)
    {
        var entry = Entry(file, model);
        try
        {
            var dimensions = Dimensions(model, entry)
                ?? throw new ConfigException("has no input shape: it was never built. Call it once in Keras, and save it again.");
            return (entry?.ClassName == "InputLayer" ? entry : null, Shape(dimensions, size));
        }
        catch (ConfigException e)
        {
            throw new KerasModelException(file, entry?.Name ?? model.Name, $"({entry?.ClassName ?? model.ClassName}) {e.Message}", e);
        }
    }

    private static LayerEntry? Entry(string file, ModelConfig model)
    {
        if (model.IsSequential)
        {
            return model.Layers.IsEmpty
                ? throw new KerasModelException(file, null, "it is a sequential model without layers.")
                : model.Layers[0];
        }
        if (model.Outputs.IsEmpty)
            throw new KerasModelException(file, null, "it has no outputs.");
        if (model.Inputs.Length != 1)
        {
            throw new KerasModelException(file, null,
                $"it has {model.Inputs.Length} inputs ({string.Join(", ", model.Inputs.Select(i => i.Layer))}); "
                + "TransferKit gives a model one picture.");
        }
        return model.Layers.FirstOrDefault(l => l.Name == model.Inputs[0].Layer)
            ?? throw new KerasModelException(file, model.Inputs[0].Layer, "is the model's input, but the model has no such layer.");
    }

    // Keras 2 notes the shape of a sequential model at its first layer, Keras 3 at its input layer or at the model.
    private static JsonElement[]? Dimensions(ModelConfig model, LayerEntry? entry)
    {
        for (; entry is not null; (model, entry) = (entry.Model!, entry.Model?.Layers.FirstOrDefault()))
        {
            foreach (var key in (string[])["batch_shape", "batch_input_shape"])
            {
                if (entry.Config.ValueKind == JsonValueKind.Object && entry.Config.TryGetProperty(key, out var shape) && IsList(shape))
                    return [.. ConfigArray.Items(key, shape)];
            }
            if (model.IsSequential && model.BuildInputShape is { } built && IsList(built))
                return [.. ConfigArray.Items("build_input_shape", built)];
            if (entry.Model is null)
                return null;
        }
        return null;
    }

    private static bool IsList(JsonElement shape) => shape.ValueKind is JsonValueKind.Array or JsonValueKind.Object;

    private static Shape Shape(JsonElement[] dimensions, ImageSize? size)
    {
        int?[] given = [.. dimensions.Skip(1).Select(
            d => d.ValueKind == JsonValueKind.Number && d.TryGetInt32(out var i) ? i : (int?)null)];
        var text = $"(None, {string.Join(", ", given.Select(d => d is { } n ? $"{n}" : "None"))})";
        if (given.Length != 3 || given[2] is not (null or 1 or 3))
            throw new ConfigException($"takes {text}; TransferKit gives pictures (None, height, width, 3), or grey ones with 1 channel.");
        var (height, width) = (given[0] ?? size?.Height, given[1] ?? size?.Width);
        if (height is null || width is null)
            throw new ConfigException($"takes pictures of any size, {text}: choose one with InputSize.");
        if (size is { } wanted && (wanted.Height, wanted.Width) != (height, width))
            throw new ConfigException($"takes pictures of {height}x{width}; InputSize is {wanted}.");
        return height is >= 1 and <= LargestSide && width is >= 1 and <= LargestSide
            ? Graph.Shape.Map(height.Value, width.Value, given[2] ?? 3)
            : throw new ConfigException($"takes {text}; sides are from 1 to {LargestSide:N0} pixels.");
    }
}

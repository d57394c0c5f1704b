using System.Collections.Immutable;
using System.Text.Json;

namespace TransferKit.Configs.Reading;

/// <summary>
/// Reads Keras' JSON into a <see cref="ModelConfig"/>: <c>config.json</c> of <c>.keras</c> files, and the attribute <c>model_config</c> of
/// <c>.h5</c> files (Keras: <c>functional_from_config</c> in <c>models/functional.py</c>).
/// </summary>
/// <param name="file">The name of the file in messages.</param>
internal sealed class ConfigReader(string file)
{
    // Nested models and arguments need a few levels each; JSON deeper than this was not written by Keras.
    public const int Depth = 128;

    // NASNetLarge has 1,041 layers.
    private const int MostLayers = 20_000;

    private int _layers;

    /// <exception cref="KerasModelException">The text is not a configuration of a functional or sequential model.</exception>
    public static ModelConfig Read(string file, string json) => Read(file, Parse(file, json));

    /// <exception cref="KerasModelException">The element is not a configuration of a functional or sequential model.</exception>
    public static ModelConfig Read(string file, JsonElement root)
    {
        try
        {
            return new ConfigReader(file).Model(root);
        }
        catch (Exception e) when (e is ConfigException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new KerasModelException(file, null, $"its configuration cannot be read: {e.Message}", e);
        }
    }

    /// <exception cref="KerasModelException">The text is not JSON, or is too deep.</exception>
    public static JsonElement Parse(string file, string json)
    {
        try
        {
            // Python's json writes NaN and Infinity, which no working model has.
            using var document = JsonDocument.Parse(json, new() { MaxDepth = Depth });
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new KerasModelException(file, null, $"its configuration is not JSON: {e.Message}", e);
        }
    }

    private ModelConfig Model(JsonElement root)
    {
        var className = Text(root, "class_name") ?? throw new ConfigException("it has no class_name.");
        if (!IsModel(className, root))
        {
            throw new KerasModelException(file, null,
                $"it is a model of the class '{className}', which is Python code. TransferKit reads functional and sequential models; "
                + "rebuild the model with keras.Model(inputs, outputs) and save it again.");
        }
        return Model(className, root);
    }

    private ModelConfig Model(string className, JsonElement root)
    {
        var config =
            Object(root, "config") ?? (root.TryGetProperty("config", out var old) ? old : throw new ConfigException("it has no config."));
        // Keras 2.2.0 wrote the layers of a sequential model as the config itself.
        var layers = config.ValueKind == JsonValueKind.Array ? config
            : config.TryGetProperty("layers", out var list) && list.ValueKind == JsonValueKind.Array ? list
            : throw new ConfigException("it has no list of layers.");
        var name = (config.ValueKind == JsonValueKind.Object ? Text(config, "name") : null) ?? Text(root, "name") ?? "model";
        var model = new ModelConfig(name, className == "Sequential" ? className : "Functional", [.. layers.EnumerateArray().Select(Layer)]);
        if (model.Layers.CountBy(l => l.Name).FirstOrDefault(l => l.Value > 1).Key is { } twice)
            throw new ConfigException($"it has two layers '{twice}' in '{name}'.");
        if (config.ValueKind != JsonValueKind.Object)
            return model;
        model = model with { Trainable = Flag(config, "trainable") };
        if (model.IsSequential)
            return model with { BuildInputShape = config.TryGetProperty("build_input_shape", out var shape) ? shape : null };
        return model with
        {
            Inputs = Ends(config, "input_layers"),
            Outputs = Ends(config, "output_layers"),
            OutputKeys = Keys(config.GetProperty("output_layers")),
            HasKeras3Calls = layers.EnumerateArray().Any(l => l.TryGetProperty("inbound_nodes", out var nodes)
                && nodes.ValueKind == JsonValueKind.Array && nodes.EnumerateArray().Any(n => n.ValueKind == JsonValueKind.Object)),
        };
    }

    private LayerEntry Layer(JsonElement layer)
    {
        if (++_layers > MostLayers)
            throw new ConfigException($"it has more than {MostLayers:N0} layers.");
        var className = Text(layer, "class_name") ?? throw new ConfigException("a layer has no class_name.");
        var config = layer.TryGetProperty("config", out var own) ? own : default;
        var name = Text(layer, "name") ?? (config.ValueKind == JsonValueKind.Object ? Text(config, "name") : null)
            ?? throw new ConfigException($"a layer of the class '{className}' has no name.");
        try
        {
            return new LayerEntry(name, className, Text(layer, "module"), config, Calls(layer))
            {
                Model = IsModel(className, layer) ? Model(className, layer) : null,
                Trainable = config.ValueKind != JsonValueKind.Object || Flag(config, "trainable"),
                RegisteredName = Text(layer, "registered_name"),
            };
        }
        catch (Exception e) when (e is ConfigException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new KerasModelException(file, name, $"({className}) cannot be read: {e.Message}", e);
        }
    }

    // A subclass of keras.Model has a class of its own, which may still have the config of a functional model.
    private static bool IsModel(string className, JsonElement layer) => className is "Functional" or "Model" or "Sequential"
        && layer.TryGetProperty("config", out var config)
        && (config.ValueKind == JsonValueKind.Array
            || (config.ValueKind == JsonValueKind.Object && config.TryGetProperty("layers", out _)));

    private static ImmutableArray<LayerCall> Calls(JsonElement layer)
    {
        if (!layer.TryGetProperty("inbound_nodes", out var nodes) || nodes.ValueKind != JsonValueKind.Array)
            return [];
        return [.. nodes.EnumerateArray().Select(node => node.ValueKind == JsonValueKind.Object ? Call3(node) : Call2(node))];
    }

    // Keras 3: {"args": [{"class_name": "__keras_tensor__", …}, 2.0], "kwargs": {…}}.
    private static LayerCall Call3(JsonElement node) => new(
        node.TryGetProperty("args", out var args) ? [.. ConfigArray.Items("args", args).Select(CallValues.Read3)] : [],
        node.TryGetProperty("kwargs", out var named) && named.ValueKind == JsonValueKind.Object
            ? [.. named.EnumerateObject().Select(n => KeyValuePair.Create(n.Name, CallValues.Read3(n.Value)))]
            : []);

    // Keras 2: [["conv1", 0, 0, {…}], ["conv2", 0, 0, {…}]]; for operators ["conv1", 0, 0, {…}], with the other arguments in {…}.
    private static LayerCall Call2(JsonElement node)
    {
        if (node.ValueKind != JsonValueKind.Array || node.GetArrayLength() == 0)
            throw new ConfigException("an inbound node is not a list.");
        var tensors = node[0].ValueKind == JsonValueKind.String ? [node] : node.EnumerateArray().ToArray();
        var first = tensors.Select(CallValues.Read2First).ToImmutableArray();
        var named = tensors[0].ValueKind == JsonValueKind.Array && tensors[0].GetArrayLength() > 3
            && tensors[0][3].ValueKind == JsonValueKind.Object ? tensors[0][3] : default;
        return new(
            [first.Length == 1 ? first[0] : new CallValue.Items(first)],
            named.ValueKind == JsonValueKind.Object
                ? [.. named.EnumerateObject().Select(n => KeyValuePair.Create(n.Name, CallValues.Read2(n.Value)))]
                : []);
    }

    // One end is ["conv1", 0, 0]; several are lists, tuples or dictionaries of ends, which Keras flattens in the order of sorted keys.
    private static ImmutableArray<CallValue.Tensor> Ends(JsonElement config, string key)
    {
        return config.TryGetProperty(key, out var ends) ? [.. Flattened(ends)] : throw new ConfigException($"it has no {key}.");

        IEnumerable<CallValue.Tensor> Flattened(JsonElement end) => end.ValueKind switch
        {
            JsonValueKind.Array when CallValues.Tensor(end) is { } tensor => [tensor],
            JsonValueKind.Object when !ConfigArray.IsTuple(end) =>
                end.EnumerateObject().OrderBy(e => e.Name, StringComparer.Ordinal).SelectMany(e => Flattened(e.Value)),
            JsonValueKind.Array or JsonValueKind.Object => ConfigArray.Items(key, end).SelectMany(Flattened),
            _ => throw new ConfigException($"its {key} holds {LayerConfig.Printed(end)}, which is not [layer, call, index]."),
        };
    }

    private static ImmutableArray<string> Keys(JsonElement ends) =>
        ends.ValueKind == JsonValueKind.Object && !ConfigArray.IsTuple(ends)
            && ends.EnumerateObject().All(e => CallValues.Tensor(e.Value) is not null)
            ? [.. ends.EnumerateObject().Select(e => e.Name).Order(StringComparer.Ordinal)]
            : [];

    private static JsonElement? Object(JsonElement parent, string key) =>
        parent.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static string? Text(JsonElement parent, string key) => parent.ValueKind == JsonValueKind.Object
        && parent.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(JsonElement config, string key) =>
        !config.TryGetProperty(key, out var flag) || flag.ValueKind != JsonValueKind.False;
}

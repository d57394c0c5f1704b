using System.Collections.Immutable;
using System.Text.Json.Nodes;
using TransferKit.Graph;

namespace TransferKit.Configs.Writing;

/// <summary>Specifies the form of a configuration.</summary>
internal enum ConfigForm
{
    /// <summary>The form of <c>config.json</c>, in which each object names its module.</summary>
    Keras3,

    /// <summary>The form of <c>model_config</c> in a <c>.h5</c> file, whose classes are those of <c>keras.layers</c>.</summary>
    Legacy,
}

/// <summary>Writes a graph as the configuration of a functional model, as <c>model.get_config()</c> gives it in Keras 3.</summary>
internal sealed class ModelConfigWriter
{
    private const string Functional = "keras.src.models.functional";

    private readonly ConfigForm _form;
    private readonly IReadOnlyDictionary<Layer, LayerOrigin> _origins;
    private readonly ILookup<Layer, Layer> _calls;
    private readonly Layer? _grey;

    private ModelConfigWriter(LayerGraph graph, ConfigForm form, IReadOnlyDictionary<Layer, LayerOrigin>? origins)
    {
        (_form, _origins) = (form, origins ?? new Dictionary<Layer, LayerOrigin>());
        _calls = graph.Layers.ToLookup(l => l.SharesWeightsOf ?? l);
        // A grey model has the input of one channel that its file had.
        _grey = GreyInput.Find(graph);
    }

    /// <summary>Writes the configuration of a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="form">The form of the configuration.</param>
    /// <param name="origins">The calls of a file that layers were read from, which are written as they were. Defaults to none.</param>
    /// <exception cref="NotSupportedException">No class of Keras stands for an operation of the graph.</exception>
    public static JsonObject Write(LayerGraph graph, ConfigForm form, IReadOnlyDictionary<Layer, LayerOrigin>? origins = null) =>
        PythonFloats.In(new ModelConfigWriter(graph, form, origins).Model(graph));

    private JsonObject Model(LayerGraph graph)
    {
        var config = new JsonObject
        {
            ["name"] = graph.Name,
            ["trainable"] = true,
            ["layers"] = new JsonArray([.. graph.Layers.Where(IsWritten).Select(l => (JsonNode)Node(l))]),
            ["input_layers"] = End(graph.Input),
            ["output_layers"] = Ends(graph),
        };
        var model = new JsonObject();
        if (_form == ConfigForm.Keras3)
            model["module"] = Functional;
        model["class_name"] = "Functional";
        model["config"] = config;
        if (_form == ConfigForm.Keras3)
        {
            model["registered_name"] = "Functional";
            model["build_config"] = new JsonObject { ["input_shape"] = null };
        }
        return model;
    }

    private JsonObject Node(Layer layer)
    {
        var node = layer.Op switch
        {
            InputLayer => Input(layer.Name, (_grey ?? layer).OutputShape),
            _ when Origin(layer) is { Entry: var entry } => Object(
                entry.Module ?? "keras.layers", entry.ClassName, OriginWriter.Config(layer, entry), entry.RegisteredName),
            Sequential sequential => Nested(layer, sequential),
            _ => Plain(layer.Name, layer.Op, [.. layer.Inputs.Select(i => i.OutputShape)]),
        };
        node["name"] = layer.Name;
        node["inbound_nodes"] = layer.Inputs.IsEmpty ? new JsonArray() : new JsonArray([.. _calls[layer].Select(Call)]);
        return node;
    }

    private bool IsWritten(Layer layer) => layer.SharesWeightsOf is null && layer != _grey;

    // A .h5 file names no modules, so an operator is written there as the layer that computes the same.
    private LayerOrigin? Origin(Layer layer) =>
        _origins.TryGetValue(layer, out var origin) && (_form == ConfigForm.Keras3 || !OriginWriter.IsOperator(origin.Entry))
            ? origin
            : null;

    private JsonObject Plain(string name, LayerOp op, ImmutableArray<Shape> inputs)
    {
        var written = Written(op, inputs[0]);
        var config = new JsonObject { ["name"] = name };
        if (!written.IsOperator)
        {
            config["trainable"] = true;
            config["dtype"] = KerasObject.Of("keras", "DTypePolicy", ("name", "float32"));
        }
        foreach (var (key, value) in written.Entries)
            config[key] = value;
        var shapes = inputs.Length == 1 ? Batch(inputs[0]) : new JsonArray([.. inputs.Select(i => (JsonNode)Batch(i))]);
        return Object(written.Module, written.ClassName, config, written.RegisteredName, written.NotesShape ? shapes : null);
    }

    private JsonObject Input(string name, Shape shape) => Object("keras.layers", "InputLayer", new()
    {
        ["batch_shape"] = Batch(shape),
        ["dtype"] = "float32",
        ["sparse"] = false,
        ["ragged"] = false,
        ["name"] = name,
        ["optional"] = false,
    });

    private JsonObject Nested(Layer layer, Sequential sequential)
    {
        var shape = layer.Inputs[0].OutputShape;
        var layers = new JsonArray((JsonNode)Input($"{layer.Name}_input", shape));
        var config = new JsonObject
        {
            ["name"] = layer.Name,
            ["trainable"] = true,
            ["dtype"] = KerasObject.Of("keras", "DTypePolicy", ("name", "float32")),
            ["layers"] = layers,
            ["build_input_shape"] = Batch(shape),
        };
        foreach (var (i, step) in sequential.Steps.Index())
        {
            layers.Add((JsonNode)Plain(sequential.NameOf(i, layer.Name), step, [shape]));
            shape = step.Infer([shape]);
        }
        var nested = Object("keras", "Sequential", config, null, Batch(layer.Inputs[0].OutputShape));
        if (_form == ConfigForm.Keras3)
            nested["compile_config"] = new JsonObject();
        return nested;
    }

    private JsonObject Object(string module, string className, JsonObject config, string? registeredName = null, JsonNode? builtFor = null)
    {
        if (_form == ConfigForm.Legacy)
            return new() { ["class_name"] = className, ["config"] = config };
        var result = new JsonObject
        {
            ["module"] = module,
            ["class_name"] = className,
            ["config"] = config,
            ["registered_name"] = registeredName,
        };
        if (builtFor is not null)
            result["build_config"] = new JsonObject { ["input_shape"] = builtFor };
        return result;
    }

    private JsonObject Call(Layer layer)
    {
        if (Origin(layer) is { } origin)
            return new OriginWriter(Tensor).Call(layer, origin);
        var inputs = layer.Inputs.Select(i => (JsonNode)Tensor(i)).ToArray();
        var written = layer.Op is Sequential ? null : Written(layer.Op, layer.Inputs[0].OutputShape);
        var arguments = written?.Call == WrittenCall.List ? new JsonArray((JsonNode)new JsonArray(inputs)) : new JsonArray(inputs);
        if (written?.Constant is { } constant)
            arguments.Add((JsonNode)constant);
        var isMasked = written is null or { Call: WrittenCall.Masked };
        return new()
        {
            ["args"] = arguments,
            ["kwargs"] = isMasked ? new JsonObject { ["mask"] = null } : new JsonObject(),
        };
    }

    private WrittenClass Written(LayerOp op, Shape input) =>
        WrittenClasses.Of(_form == ConfigForm.Legacy || op is Arithmetic ? OperatorLayers.Of(op) : op, input);

    private JsonObject Tensor(Layer layer) => new()
    {
        ["class_name"] = "__keras_tensor__",
        ["config"] = new JsonObject
        {
            ["shape"] = Batch(layer.OutputShape),
            ["dtype"] = "float32",
            ["keras_history"] = End(layer),
        },
    };

    private JsonArray End(Layer layer)
    {
        if (layer == _grey)
            layer = layer.Inputs[0];
        var owner = layer.SharesWeightsOf ?? layer;
        return new(owner.Name, _calls[owner].Index().First(c => c.Item == layer).Index, 0);
    }

    private JsonNode Ends(LayerGraph graph)
    {
        if (graph.OutputsByKey.Count > 0)
            return new JsonObject(graph.OutputsByKey.Select(o => KeyValuePair.Create(o.Key, (JsonNode?)End(o.Value))));
        return graph.Outputs.Length == 1 ? End(graph.Output) : new JsonArray([.. graph.Outputs.Select(End)]);
    }

    private static JsonArray Batch(Shape shape)
    {
        var dimensions = new JsonArray((JsonNode?)null);
        foreach (var dimension in shape.Dimensions)
            dimensions.Add((JsonNode)dimension);
        return dimensions;
    }
}

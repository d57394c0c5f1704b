using System.Collections.Immutable;
using System.Text.Json;

namespace TransferKit.Configs.Reading;

/// <summary>Represents a model's configuration as Keras wrote it: its layers, how they are connected, and its inputs and outputs.</summary>
internal sealed record ModelConfig(string Name, string ClassName, ImmutableArray<LayerEntry> Layers)
{
    public bool IsSequential => ClassName == "Sequential";

    /// <summary>Gets the model's own flag; true if the file has none, as in Keras 2.</summary>
    public bool Trainable { get; init; } = true;

    /// <summary>
    /// Gets whether calls are written as in Keras 3. Its numbers of the calls of a nested model begin with 0, and Keras 2's with 1, because
    /// the model's own creation counted as a call.
    /// </summary>
    public bool HasKeras3Calls { get; init; }

    /// <summary>Gets the input shape of a sequential model, with the batch; null if its first layer has it, or if it is unknown.</summary>
    public JsonElement? BuildInputShape { get; init; }

    /// <summary>Gets the inputs of a functional model.</summary>
    public ImmutableArray<CallValue.Tensor> Inputs { get; init; } = [];

    /// <summary>Gets the outputs of a functional model.</summary>
    public ImmutableArray<CallValue.Tensor> Outputs { get; init; } = [];

    /// <summary>Gets the names that a dictionary of outputs gives them, in the order of <see cref="Outputs"/>; empty for a list.</summary>
    public ImmutableArray<string> OutputKeys { get; init; } = [];
}

/// <summary>Represents a layer of a configuration.</summary>
/// <param name="Name">Keras' name of the layer, which is unique in its model.</param>
/// <param name="ClassName">Keras' class, such as <c>Conv2D</c>.</param>
/// <param name="Module">The Python module of the class; null in <c>.h5</c> files.</param>
/// <param name="Config">The configuration of the class.</param>
/// <param name="Calls">The calls of the layer. A layer of a sequential model has none: it is called on the layer before it.</param>
internal sealed record LayerEntry(string Name, string ClassName, string? Module, JsonElement Config, ImmutableArray<LayerCall> Calls)
{
    public bool Trainable { get; init; } = true;

    /// <summary>Gets the configuration of the nested model that this layer is; null for a plain layer.</summary>
    public ModelConfig? Model { get; init; }

    /// <summary>Gets the package that an author registered a custom class under; null for Keras' own classes.</summary>
    public string? RegisteredName { get; init; }
}

/// <summary>Represents one call of a layer (Keras: a node): its arguments in order, and those with names.</summary>
internal sealed record LayerCall(ImmutableArray<CallValue> Arguments, ImmutableArray<KeyValuePair<string, CallValue>> Named)
{
    /// <summary>Gets an argument by its place or name; null if it is absent.</summary>
    public CallValue? Find(int place, string name) =>
        place < Arguments.Length ? Arguments[place] : Named.FirstOrDefault(n => n.Key == name).Value;

    /// <summary>Gets the outputs of other layers that the call reads, in the order of its arguments.</summary>
    public IEnumerable<CallValue.Tensor> Tensors => Arguments.Concat(Named.Select(n => n.Value)).SelectMany(a => a.Tensors);
}

/// <summary>Represents an argument of a call.</summary>
internal abstract record CallValue
{
    private CallValue() { }

    /// <summary>Gets the outputs of other layers in this argument, in order.</summary>
    public IEnumerable<Tensor> Tensors => this switch
    {
        Tensor tensor => [tensor],
        Items items => items.Values.SelectMany(v => v.Tensors),
        _ => [],
    };

    /// <summary>Represents the output of a call of another layer.</summary>
    public sealed record Tensor(string Layer, int Call, int Index) : CallValue;

    public sealed record Items(ImmutableArray<CallValue> Values) : CallValue;

    /// <summary>Represents a number, a text, a flag, null, or an array of numbers.</summary>
    public sealed record Constant(JsonElement Value) : CallValue;

    /// <summary>Represents Python's <c>start:stop:step</c>.</summary>
    public sealed record Slice(int? Start, int? Stop, int? Step) : CallValue;

    /// <summary>Represents Python's <c>...</c>.</summary>
    public sealed record Ellipsis : CallValue;
}

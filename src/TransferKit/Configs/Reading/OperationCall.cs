using System.Collections.Immutable;
using System.Text.Json;
using TransferKit.Graph;

namespace TransferKit.Configs.Reading;

/// <summary>
/// Reads the arguments of one call of an operator, by place or by name, and the settings that Keras 3 keeps in its config.
/// </summary>
internal sealed class OperationCall
{
    private readonly LayerEntry _entry;
    private readonly LayerCall _call;
    private readonly Dictionary<CallValue.Tensor, Layer> _layers = new(ReferenceEqualityComparer.Instance);

    public OperationCall(LayerEntry entry, LayerCall call, ImmutableArray<Layer> inputs)
    {
        (_entry, _call) = (entry, call);
        foreach (var (tensor, layer) in call.Tensors.Zip(inputs))
            _layers[tensor] = layer;
    }

    /// <summary>Gets the layer of a tensor argument; null if the argument is absent or a constant.</summary>
    public Layer? Layer(int place, params ReadOnlySpan<string> names) =>
        Find(place, names) is CallValue.Tensor tensor ? _layers[tensor] : null;

    /// <summary>Gets the one layer that an operator works on.</summary>
    public Layer Operand(params ReadOnlySpan<string> names) => Layer(0, names)
        ?? throw new ConfigException($"is called on {_layers.Count} layers in an unsupported form.");

    /// <summary>Gets the layers of an argument that is a list.</summary>
    public ImmutableArray<Layer> Layers(int place, params ReadOnlySpan<string> names) => Find(place, names) switch
    {
        CallValue.Items items => [.. items.Values.Select(v => v is CallValue.Tensor t ? _layers[t]
            : throw new ConfigException("joins layers with constants, which is not supported."))],
        CallValue.Tensor one => [_layers[one]],
        _ => throw new ConfigException("is not called on a list of layers."),
    };

    public CallValue? Find(int place, params ReadOnlySpan<string> names)
    {
        if (place >= 0 && place < _call.Arguments.Length)
            return _call.Arguments[place];
        foreach (var (key, value) in _call.Named)
        {
            if (names.Contains(key) && value is not CallValue.Constant { Value.ValueKind: JsonValueKind.Null })
                return value;
        }
        return null;
    }

    /// <summary>Gets a constant argument, or a setting in the operator's config, as JSON; null if it is absent.</summary>
    public JsonElement? Constant(int place, params ReadOnlySpan<string> names)
    {
        if (Find(place, names) is { } value)
            return value is CallValue.Constant { Value: var json } ? json : throw new ConfigException($"has no constant '{names[0]}'.");
        foreach (var name in names)
        {
            if (_entry.Config.TryGetProperty(name, out var setting) && setting.ValueKind != JsonValueKind.Null)
                return setting;
        }
        return null;
    }

    public ImmutableArray<double>? Numbers(int place, params ReadOnlySpan<string> names) => Constant(place, names) is { } value
        ? [.. ConfigArray.Numbers(names[0], value)]
        : null;

    public double Number(double absent, int place, params ReadOnlySpan<string> names) => Numbers(place, names) switch
    {
        null => absent,
        [var one] => one,
        _ => throw new ConfigException($"has several numbers as '{names[0]}'."),
    };

    public ImmutableArray<int>? Ints(int place, params ReadOnlySpan<string> names) => Numbers(place, names) is { } numbers
        ? [.. numbers.Select(
            n => n == Math.Floor(n) && Math.Abs(n) < int.MaxValue ? (int)n : throw new ConfigException($"has {n}, not a whole number."))]
        : null;

    public bool Flag(bool absent, int place, params ReadOnlySpan<string> names) => Constant(place, names) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        null => absent,
        var other => throw new ConfigException($"has {LayerConfig.Printed(other.Value)}, not true or false."),
    };
}

using System.Collections.Immutable;
using System.Text.Json;
using TransferKit.Graph;

namespace TransferKit.Configs.Reading;

/// <summary>
/// Reads the entries of one layer's configuration, in the spellings of Keras 2.2 to 3. Entries that no row of
/// <c>LayerClasses</c> asks for are refused unless they are empty, because they would change what the layer computes.
/// </summary>
internal sealed class LayerConfig
{
    private readonly Dictionary<string, JsonElement> _entries = [];
    private readonly HashSet<string> _read = [];

    public LayerConfig(JsonElement config, ImmutableArray<Shape> inputs)
    {
        Inputs = inputs;
        if (config.ValueKind != JsonValueKind.Object)
            throw new ConfigException("has no config.");
        foreach (var entry in config.EnumerateObject())
            _entries[entry.Name] = entry.Value;
    }

    /// <summary>Gets the shapes of the layer's inputs.</summary>
    public ImmutableArray<Shape> Inputs { get; }

    public Shape Input => Inputs[0];

    public bool Has(string key) => Find(key) is not null;

    /// <summary>Gets an entry; null if it is absent or null.</summary>
    public JsonElement? Find(string key)
    {
        _read.Add(key);
        return _entries.TryGetValue(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public int Int(string key, int? absent = null) => Find(key) switch
    {
        { ValueKind: JsonValueKind.Number } n when n.TryGetInt32(out var value) => value,
        // Keras 2 wrote some integers as floats.
        { ValueKind: JsonValueKind.Number } n when n.GetDouble() is var d && d == Math.Floor(d) && Math.Abs(d) < int.MaxValue => (int)d,
        null => absent ?? throw Missing(key),
        var other => throw Wrong(key, other, "a whole number"),
    };

    /// <summary>Gets a number of things, at least 1.</summary>
    public int Count(string key, int? absent = null) => Int(key, absent) is >= 1 and var count
        ? count
        : throw Wrong(key, Find(key), "at least 1");

    public double Number(string key, double? absent = null) => NumberOrNull(key) ?? absent ?? throw Missing(key);

    public double? NumberOrNull(string key) => Find(key) switch
    {
        { ValueKind: JsonValueKind.Number } n when double.IsFinite(n.GetDouble()) => n.GetDouble(),
        null => null,
        // Keras 2's Lambda-free layers wrote numpy scalars as {"type": "ndarray", "value": 6.0}, such as ReLU's max_value.
        { ValueKind: JsonValueKind.Object } o when o.TryGetProperty("value", out var v) && v.ValueKind == JsonValueKind.Number
            => v.GetDouble(),
        var other => throw Wrong(key, other, "a number"),
    };

    public bool Flag(string key, bool absent) => Find(key) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.Number } n when n.GetDouble() is 0 or 1 => n.GetDouble() == 1,
        null => absent,
        var other => throw Wrong(key, other, "true or false"),
    };

    public string Text(string key, string absent) => Find(key) switch
    {
        { ValueKind: JsonValueKind.String } s => s.GetString()!.ToLowerInvariant(),
        null => absent,
        var other => throw Wrong(key, other, "a text"),
    };

    /// <summary>Gets a list of whole numbers; a single number is a list of one. Keras 2 and 3 write tuples in different forms.</summary>
    public ImmutableArray<int>? Ints(string key)
    {
        if (Find(key) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.Number
            ? [Int(key)]
            : [.. Items(key, value).Select(i => i.ValueKind == JsonValueKind.Number && i.TryGetInt32(out var n)
                ? n
                : throw Wrong(key, value, "whole numbers"))];
    }

    public ImmutableArray<double>? Numbers(string key) => Find(key) is { } value ? [.. ConfigArray.Numbers(key, value)] : null;

    /// <summary>Gets a height and width: one number for both, or two.</summary>
    public Extent Extent(string key, Extent? absent = null) => (Ints(key), absent) switch
    {
        ([>= 1 and var side], _) => side,
        ([>= 1 and var height, >= 1 and var width], _) => new(height, width),
        (null, { } given) => given,
        (null, null) => throw Missing(key),
        _ => throw Wrong(key, Find(key), "one or two numbers of at least 1"),
    };

    /// <summary>Gets the rows and columns at the edges: one number, two, or two pairs.</summary>
    public Edges Edges(string key)
    {
        var value = Find(key) ?? throw Missing(key);
        if (value.ValueKind == JsonValueKind.Number)
            return Int(key);
        var pairs = Items(key, value).Select(i => i.ValueKind == JsonValueKind.Number ? [Whole(i), Whole(i)]
            : Items(key, i).Select(Whole).ToArray()).ToArray();
        return pairs is [[var top, var bottom], [var left, var right]] && Math.Min(Math.Min(top, bottom), Math.Min(left, right)) >= 0
            ? new(top, bottom, left, right)
            : throw Wrong(key, value, "one number, two, or two pairs, none negative");

        int Whole(JsonElement i) => i.ValueKind == JsonValueKind.Number && i.TryGetInt32(out var n) ? n : throw Wrong(
            key, value, "whole numbers");
    }

    public Padding Padding() => Text("padding", "valid") switch
    {
        "same" => Graph.Padding.Same,
        "valid" => Graph.Padding.Valid,
        var other => throw new ConfigException($"has padding '{other}'; TransferKit reads 'valid' and 'same'."),
    };

    public ActivationKind? Activation(string key = "activation") => Find(key) is { } value ? ActivationConfig.Read(value) : null;

    /// <summary>Checks that the layer works on channels last, as TensorFlow's models do.</summary>
    public void ChannelsLast()
    {
        if (Text("data_format", "channels_last") is var format and not "channels_last")
        {
            throw new ConfigException(
                $"has data_format '{format}'; TransferKit reads channels_last only. Convert the model in Keras first.");
        }
    }

    /// <summary>Checks that an axis is the one of the channels, as in all image models.</summary>
    public void ChannelAxis(string key = "axis")
    {
        var rank = Input.Dimensions.Length;
        if (Ints(key) is { } axes && (axes.Length != 1 || (axes[0] != -1 && axes[0] != rank)))
            throw new ConfigException($"works on axis [{string.Join(", ", axes)}]; TransferKit reads the last axis only, the channels.");
    }

    /// <summary>Refuses an entry unless it has the only supported value.</summary>
    public void Only(string key, bool supported)
    {
        if (Flag(key, supported) != supported)
            throw new ConfigException($"has {key} {(supported ? "false" : "true")}, which TransferKit does not support.");
    }

    /// <summary>Marks entries as read that do not change what the layer computes in inference.</summary>
    public void Ignore(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            _read.Add(key);
    }

    /// <summary>Refuses what no one has read.</summary>
    public void RefuseUnread()
    {
        foreach (var (key, value) in _entries)
        {
            if (_read.Contains(key) || CommonEntries.Contains(key) || IsEmpty(value))
                continue;
            throw new ConfigException($"has the setting '{key}' ({Printed(value)}), which TransferKit does not know.");
        }
    }

    public static ConfigException Wrong(string key, JsonElement? found, string expected) =>
        new($"has {key} {(found is { } f ? Printed(f) : "null")}; it must be {expected}.");

    private static ConfigException Missing(string key) => new(
        $"has no '{key}' in its configuration: the file is abridged or damaged. Save the model again with Keras' model.save(path).");

    private static IEnumerable<JsonElement> Items(string key, JsonElement value) => ConfigArray.Items(key, value);

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    internal static string Printed(JsonElement value) =>
        value.GetRawText() is { Length: > 60 } longText ? longText[..60] + "…" : value.GetRawText();
}

using System.Collections.Immutable;
using System.Globalization;
using TransferKit.Graph;

namespace TransferKit.Backbones.Trained;

/// <summary>
/// Represents the layers between a backbone and the last dense layer, as text: <c>dense:256:relu,dropout:0.2</c>, or <c>linear</c>
/// for none. Training, saved models and the command line share this parser and its checks.
/// </summary>
internal sealed class HeadSpec
{
    private HeadSpec(ImmutableArray<LayerOp> layers) => Layers = layers;

    public static HeadSpec Linear { get; } = new([]);

    /// <summary>Gets the layers before the last dense layer.</summary>
    public ImmutableArray<LayerOp> Layers { get; }

    /// <summary>Gets whether the head flattens maps, so that the backbone has no pooling.</summary>
    public bool TakesMaps => Layers is [Flatten, ..];

    public HeadSpec With(LayerOp layer) => layer is Flatten && !Layers.IsEmpty
        ? throw new ArgumentException("Only the first layer of a head can be a Flatten: the later layers take vectors.")
        : new(Layers.Add(layer));

    public static HeadSpec Parse(string text) => text.Trim().Equals("linear", StringComparison.OrdinalIgnoreCase)
        ? Linear
        : text.Split(',', StringSplitOptions.TrimEntries).Aggregate(Linear, (head, layer) => head.With(ParseLayer(layer)));

    /// <summary>Adds the head and the last dense layer, <c>predictions</c> as in Keras, to a backbone's output.</summary>
    /// <param name="add">Adds a layer; a null name is Keras' automatic one.</param>
    /// <param name="x">The backbone's output.</param>
    /// <param name="outputs">The number of outputs.</param>
    /// <param name="activation">The activation of the last layer; null for none.</param>
    public Layer Write(Func<LayerOp, string?, Layer, Layer> add, Layer x, int outputs, ActivationKind? activation)
    {
        foreach (var layer in Layers)
            x = add(layer, null, x);
        return add(new Dense(outputs) { Activation = activation }, "predictions", x);
    }

    public override string ToString() => Layers.IsEmpty ? "linear" : string.Join(",", Layers.Select(Text));

    private static string Text(LayerOp layer) => layer switch
    {
        Dense d => d.Activation is { } a ? $"dense:{d.Units}:{((ActivationKind?)a).KerasName()}" : $"dense:{d.Units}:linear",
        Dropout d => $"dropout:{d.Rate.ToString("R", CultureInfo.InvariantCulture)}",
        BatchNormalization => "batch_normalization",
        _ => "flatten",
    };

    private static LayerOp ParseLayer(string text)
    {
        var parts = text.Split(':', StringSplitOptions.TrimEntries);
        return (parts[0].ToLowerInvariant(), parts.Length) switch
        {
            ("dense", 2 or 3) when int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var units) =>
                OfDense(units, parts.Length == 3 ? ActivationOf(parts[2], text) : ActivationKind.Relu),
            ("dropout", 2) when double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) =>
                OfDropout(rate),
            ("batch_normalization" or "batchnorm" or "bn", 1) => new BatchNormalization(),
            ("flatten", 1) => new Flatten(),
            _ => throw Unknown(text),
        };
    }

    public static Dense OfDense(int units, ActivationKind? activation) => units > 0
        ? new Dense(units) { Activation = activation }
        : throw new ArgumentOutOfRangeException(nameof(units), units, "A dense layer must have at least one unit.");

    public static Dropout OfDropout(double rate) => rate is >= 0 and < 1
        ? new Dropout(rate)
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, "A dropout rate must be at least 0 and less than 1.");

    private static ActivationKind? ActivationOf(string name, string text)
    {
        if (name.Equals("linear", StringComparison.OrdinalIgnoreCase))
            return null;
        var isKnown = Enum.TryParse<ActivationKind>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var kind);
        return isKnown && kind != ActivationKind.Softmax
            ? kind
            : throw Unknown(text);
    }

    private static FormatException Unknown(string text) => new(
        $"'{text}' is not a layer of a head. A head is 'linear' or a list such as 'dense:256,dropout:0.2'. "
        + "Its layers are dense:UNITS[:relu|sigmoid|swish|gelu|linear], dropout:RATE, batch_normalization and, first, flatten. "
        + "The last dense layer is added automatically.");
}

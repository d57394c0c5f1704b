using System.Collections.Immutable;
using System.Globalization;
using TransferKit.Graph;

namespace TransferKit.Backbones.Trained;

/// <summary>
/// The layers between a backbone and its last dense layer, as text: <c>dense:256:relu,dropout:0.2</c>, or <c>linear</c>
/// for none. Parsed and checked here, once for training, for saved models and for the command line.
/// </summary>
internal sealed class HeadSpec
{
    private HeadSpec(ImmutableArray<LayerOp> layers) => Layers = layers;

    public static HeadSpec Linear { get; } = new([]);

    /// <summary>All but the last dense layer.</summary>
    public ImmutableArray<LayerOp> Layers { get; }

    /// <summary>Whether maps are flattened, so that the backbone is not pooled.</summary>
    public bool TakesMaps => Layers is [Flatten, ..];

    public HeadSpec With(LayerOp layer) => layer is Flatten && !Layers.IsEmpty
        ? throw new ArgumentException("Only the first layer of a head can be a Flatten: what follows it is a vector already.")
        : new(Layers.Add(layer));

    public static HeadSpec Parse(string text) => text.Trim().Equals("linear", StringComparison.OrdinalIgnoreCase)
        ? Linear
        : text.Split(',', StringSplitOptions.TrimEntries).Aggregate(Linear, (head, layer) => head.With(ParseLayer(layer)));

    /// <summary>Writes the head behind a backbone's output, and the last dense layer, Keras' <c>predictions</c>.</summary>
    public Layer Write(GraphBuilder g, Layer x, int outputs, ActivationKind? activation)
    {
        foreach (var layer in Layers)
            x = g.Add(layer, null, x);
        return g.Add(new Dense(outputs) { Activation = activation }, "predictions", x);
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
            ("dropout", 2) when double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) => OfDropout(rate),
            ("batch_normalization" or "batchnorm" or "bn", 1) => new BatchNormalization(),
            ("flatten", 1) => new Flatten(),
            _ => throw Unknown(text),
        };
    }

    public static Dense OfDense(int units, ActivationKind? activation) => units > 0
        ? new Dense(units) { Activation = activation }
        : throw new ArgumentOutOfRangeException(nameof(units), units, "A dense layer has at least one unit.");

    public static Dropout OfDropout(double rate) => rate is >= 0 and < 1
        ? new Dropout(rate)
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, "A dropout rate is from 0 to under 1.");

    private static ActivationKind? ActivationOf(string name, string text)
    {
        if (name.Equals("linear", StringComparison.OrdinalIgnoreCase))
            return null;
        return Enum.TryParse<ActivationKind>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var kind) && kind != ActivationKind.Softmax
            ? kind
            : throw Unknown(text);
    }

    private static FormatException Unknown(string text) => new(
        $"'{text}' is no layer of a head. A head is 'linear', or a list of dense:UNITS[:relu|sigmoid|swish|gelu|linear], dropout:RATE, batch_normalization and, first, flatten: 'dense:256,dropout:0.2'. The last dense layer follows by itself.");
}

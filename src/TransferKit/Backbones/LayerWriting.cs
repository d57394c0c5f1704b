using TransferKit.Graph;

namespace TransferKit.Backbones;

/// <summary>Keras' layers as verbs, so that a family's file reads like Keras' own.</summary>
internal static class LayerWriting
{
    public static Layer Conv2D(
        this GraphBuilder g, Layer x, int filters, Extent kernel, Extent? strides = null, Padding padding = Padding.Valid,
        ActivationKind? activation = null, bool useBias = true, string? name = null) =>
        g.Add(new Conv2D(filters, kernel, strides ?? 1, padding) { Activation = activation, UseBias = useBias }, name, x);

    public static Layer MaxPool(
        this GraphBuilder g, Layer x, Extent pool, Extent strides, Padding padding = Padding.Valid, string? name = null) =>
        g.Add(new MaxPooling2D(pool, strides, padding), name, x);

    public static Layer Dense(this GraphBuilder g, Layer x, int units, ActivationKind? activation, string? name = null) =>
        g.Add(new Dense(units) { Activation = activation }, name, x);

    /// <summary>The end of a backbone without its top: the map, or a vector pooled from it.</summary>
    public static Layer Pool(
        this GraphBuilder g, Layer x, Pooling pooling, string? avgName = null, string? maxName = null) => pooling switch
    {
        Pooling.Avg => g.Add(new GlobalAveragePooling2D(), avgName, x),
        Pooling.Max => g.Add(new GlobalMaxPooling2D(), maxName, x),
        _ => x,
    };
}

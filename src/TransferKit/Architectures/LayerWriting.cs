using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>Adds Keras' layers to a graph, so that a family's file reads like Keras' own.</summary>
internal static class LayerWriting
{
    public static Layer Conv2D(
        this GraphBuilder g, Layer x, int filters, Extent kernel, Extent? strides = null, Padding padding = Padding.Valid,
        ActivationKind? activation = null, bool useBias = true, string? name = null) =>
        g.Add(new Conv2D(filters, kernel, strides ?? 1, padding) { Activation = activation, UseBias = useBias }, name, x);

    public static Layer Activate(this GraphBuilder g, Layer x, ActivationKind kind, string? name = null) =>
        g.Add(new Activation(kind), name, x);

    public static Layer Pad(this GraphBuilder g, Layer x, Edges padding, string? name = null) =>
        g.Add(new ZeroPadding2D(padding), name, x);

    /// <summary>
    /// Pads before a window of stride 2. An even size gets one row more at the bottom, or one column more at the right
    /// (Keras: <c>correct_pad</c>).
    /// </summary>
    public static Layer PadForStride(this GraphBuilder g, Layer x, Extent kernel, string? name = null)
    {
        var (rows, columns) = (kernel.Height / 2, kernel.Width / 2);
        var (evenRows, evenColumns) = (1 - x.OutputShape.Height % 2, 1 - x.OutputShape.Width % 2);
        return g.Pad(x, new Edges(rows - evenRows, rows, columns - evenColumns, columns), name);
    }

    public static Layer MaxPool(
        this GraphBuilder g, Layer x, Extent pool, Extent strides, Padding padding = Padding.Valid, string? name = null) =>
        g.Add(new MaxPooling2D(pool, strides, padding), name, x);

    public static Layer AvgPool(
        this GraphBuilder g, Layer x, Extent pool, Extent strides, Padding padding = Padding.Valid, string? name = null) =>
        g.Add(new AveragePooling2D(pool, strides, padding), name, x);

    public static Layer Sum(this GraphBuilder g, Layer x, Layer y, string? name = null) => g.Add(new Add(), name, x, y);

    /// <summary>Concatenates maps along their channels, which is axis 3 in most of Keras' families.</summary>
    public static Layer Join(this GraphBuilder g, string? name, params ReadOnlySpan<Layer> branches) =>
        g.Add(new Concatenate(Axis: 3), name, branches);

    public static Layer Dense(this GraphBuilder g, Layer x, int units, ActivationKind? activation, string? name = null) =>
        g.Add(new Dense(units) { Activation = activation }, name, x);

    /// <summary>Writes a convolution, its normalisation and its optional activation.</summary>
    public static Layer ConvBlock(
        this GraphBuilder g, Layer x, LayerOp convolution, BatchNormalization norm, LayerOp? activation, ConvNames names = default)
    {
        x = g.Add(convolution, names.Convolution, x);
        x = g.Add(norm, names.Norm, x);
        return activation is null ? x : g.Add(activation, names.Activation, x);
    }

    /// <summary>Writes the end of most backbones: the pooling and the classifier, or <see cref="Pool"/> without the top.</summary>
    public static Layer Finish(this GraphBuilder g, Layer x, BuildOptions o, PoolNames names)
    {
        if (!o.IncludeTop)
            return g.Pool(x, o.Pooling, names);
        x = g.Add(new GlobalAveragePooling2D(), names.Top, x);
        return g.Dense(x, o.Classes, o.TopActivation, "predictions");
    }

    /// <summary>Writes the end of a backbone without its top: the map, or a vector pooled from it.</summary>
    public static Layer Pool(this GraphBuilder g, Layer x, Pooling pooling, PoolNames names = default) => pooling switch
    {
        Pooling.Avg => g.Add(new GlobalAveragePooling2D(), names.Avg, x),
        Pooling.Max => g.Add(new GlobalMaxPooling2D(), names.Max, x),
        _ => x,
    };
}

/// <summary>The names of a <see cref="LayerWriting.ConvBlock"/>'s layers; null for Keras' automatic names.</summary>
internal readonly record struct ConvNames(string? Convolution, string? Norm, string? Activation)
{
    public ConvNames After(string prefix) => new(prefix + Convolution, prefix + Norm, Activation is null ? null : prefix + Activation);
}

/// <summary>The names of the last pooling with the top and, by kind, without it; null for Keras' automatic names.</summary>
internal readonly record struct PoolNames(string? Top, string? Avg, string? Max)
{
    public static PoolNames Named { get; } = new("avg_pool", "avg_pool", "max_pool");
    public static PoolNames NamedWithTop { get; } = new("avg_pool", null, null);
    public static PoolNames Automatic { get; }
}

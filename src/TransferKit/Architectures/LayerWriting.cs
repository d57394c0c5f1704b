using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>Keras' layers as verbs, so that a family's file reads like Keras' own.</summary>
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
    /// The padding before a window of stride 2 that leaves the odd row and column below and to the right for even
    /// sizes (Keras: <c>correct_pad</c>).
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

    /// <summary>Joins maps by their channels; Keras names that axis 3 in most families.</summary>
    public static Layer Join(this GraphBuilder g, string? name, params ReadOnlySpan<Layer> branches) =>
        g.Add(new Concatenate(Axis: 3), name, branches);

    public static Layer Dense(this GraphBuilder g, Layer x, int units, ActivationKind? activation, string? name = null) =>
        g.Add(new Dense(units) { Activation = activation }, name, x);

    /// <summary>A convolution, its normalisation and, where there is one, its activation.</summary>
    public static Layer ConvBlock(
        this GraphBuilder g, Layer x, LayerOp convolution, BatchNormalization norm, LayerOp? activation, ConvNames names = default)
    {
        x = g.Add(convolution, names.Convolution, x);
        x = g.Add(norm, names.Norm, x);
        return activation is null ? x : g.Add(activation, names.Activation, x);
    }

    /// <summary>The end of most backbones: pooled and classified, or what <see cref="Pool"/> makes without the top.</summary>
    public static Layer Finish(this GraphBuilder g, Layer x, BuildOptions o, PoolNames names)
    {
        if (!o.IncludeTop)
            return g.Pool(x, o.Pooling, names);
        x = g.Add(new GlobalAveragePooling2D(), names.Top, x);
        return g.Dense(x, o.Classes, o.TopActivation, "predictions");
    }

    /// <summary>The end of a backbone without its top: the map, or a vector pooled from it.</summary>
    public static Layer Pool(this GraphBuilder g, Layer x, Pooling pooling, PoolNames names = default) => pooling switch
    {
        Pooling.Avg => g.Add(new GlobalAveragePooling2D(), names.Avg, x),
        Pooling.Max => g.Add(new GlobalMaxPooling2D(), names.Max, x),
        _ => x,
    };
}

/// <summary>The names of a <see cref="LayerWriting.ConvBlock"/>'s layers; null for Keras' automatic ones.</summary>
internal readonly record struct ConvNames(string? Convolution, string? Norm, string? Activation)
{
    public ConvNames After(string prefix) => new(prefix + Convolution, prefix + Norm, Activation is null ? null : prefix + Activation);
}

/// <summary>The names of the last pooling: with the top, and without it by its kind; null for Keras' automatic ones.</summary>
internal readonly record struct PoolNames(string? Top, string? Avg, string? Max)
{
    public static PoolNames Named { get; } = new("avg_pool", "avg_pool", "max_pool");
    public static PoolNames NamedWithTop { get; } = new("avg_pool", null, null);
    public static PoolNames Automatic { get; }
}

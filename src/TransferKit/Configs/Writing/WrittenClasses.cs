using System.Collections.Immutable;
using System.Text.Json.Nodes;
using TransferKit.Graph;

namespace TransferKit.Configs.Writing;

/// <summary>
/// Lists how each operation is written in Keras 3's configurations, with all settings that <c>get_config</c> gives. It is the other half of
/// the table that reads them.
/// </summary>
internal static class WrittenClasses
{
    private const string Layout = "channels_last";

    /// <exception cref="NotSupportedException">No class of Keras stands for the operation.</exception>
    public static WrittenClass Of(LayerOp op, Shape input) => Find(op, input)
        ?? throw new NotSupportedException($"TransferKit cannot write the layer {op.TypeName} as a layer of Keras 3.");

    /// <summary>Finds how an operation is written; null if no class of Keras stands for it.</summary>
    public static WrittenClass? Find(LayerOp op, Shape input) => op switch
    {
        Conv2D c => Layer("Conv2D",
        [
            ("filters", c.Filters), .. Window(c.Kernel, c.Strides, c.Padding), ("dilation_rate", List(c.Dilation)), ("groups", c.Groups),
            .. Activated(c.Activation, c.UseBias), .. Kernel("kernel", c.KernelInitializer), ("activity_regularizer", null),
        ]),
        DepthwiseConv2D c => Layer("DepthwiseConv2D",
        [
            ("depth_multiplier", c.DepthMultiplier), .. Window(c.Kernel, c.Strides, c.Padding), ("dilation_rate", List(c.Dilation)),
            .. Activated(c.Activation, c.UseBias), .. Kernel("depthwise", c.DepthwiseInitializer), ("activity_regularizer", null),
        ]),
        SeparableConv2D c => Layer("SeparableConv2D",
        [
            ("depth_multiplier", c.DepthMultiplier), ("filters", c.Filters), .. Window(c.Kernel, c.Strides, c.Padding),
            ("dilation_rate", List(c.Dilation)),
            .. Activated(c.Activation, c.UseBias), .. Kernel("depthwise", c.KernelInitializer), .. Kernel("pointwise", c.KernelInitializer),
            ("activity_regularizer", null),
        ]),
        Dense d => Layer("Dense",
        [
            ("units", d.Units), .. Activated(d.Activation, d.UseBias), .. Kernel("kernel", d.KernelInitializer),
            ("quantization_config", null),
        ]),
        BatchNormalization n => Layer("BatchNormalization",
        [
            ("axis", -1), ("momentum", n.Momentum), ("epsilon", n.Epsilon), .. GammaBeta(n.Center, n.Scale),
            ("moving_mean_initializer", Written(Initializer.Zeros)), ("moving_variance_initializer", Written(Initializer.Ones)),
            ("synchronized", false), ("renorm", false), ("renorm_clipping", null), ("renorm_momentum", 0.99),
        ]) with
        { Call = WrittenCall.Masked },
        LayerNormalization n => Layer("LayerNormalization",
            [("axis", List(input.Dimensions.Length)), ("epsilon", n.Epsilon), .. GammaBeta(n.Center, n.Scale), ("rms_scaling", false)]),
        Normalization n => Layer("Normalization",
            [("axis", List(-1)), ("invert", false), ("mean", List(n.Mean)), ("variance", List(n.Variance))]),
        LayerScale s => Layer("LayerScale", [("init_values", s.InitialValue), ("projection_dim", input.Channels)])
            with
        { Module = "keras.src.applications.convnext" },
        Rescaling r => Layer("Rescaling", [("scale", OneOrList(r.Scale)), ("offset", OneOrList(r.Offset))]),
        ZeroPadding2D p => Layer("ZeroPadding2D", [("padding", List(p.Padding)), ("data_format", Layout)]),
        Cropping2D c => Layer("Cropping2D", [("cropping", List(c.Cropping)), ("data_format", Layout)]),
        Flatten => Layer("Flatten", [("data_format", Layout)]),
        Reshape r => Layer("Reshape", [("target_shape", List(r.Target.Dimensions.AsSpan()))]) with { NotesShape = false },
        Activation a => Layer("Activation", [("activation", Name(a.Kind))]) with { NotesShape = false },
        ReLU r => Layer("ReLU", [("max_value", r.MaxValue), ("negative_slope", r.NegativeSlope), ("threshold", r.Threshold)])
            with
        { NotesShape = false },
        Dropout d => Layer("Dropout",
            [("rate", d.Rate), ("seed", null), ("noise_shape", d.PerSample ? new JsonArray(null, 1, 1, 1) : null)])
            with
        { NotesShape = false },
        MaxPooling2D p => Pooling("MaxPooling2D", p),
        AveragePooling2D p => Pooling("AveragePooling2D", p),
        GlobalAveragePooling2D p => Pooling("GlobalAveragePooling2D", p),
        GlobalMaxPooling2D p => Pooling("GlobalMaxPooling2D", p),
        Add => Merging("Add", []),
        Multiply => Merging("Multiply", []),
        Concatenate c => Merging("Concatenate", [("axis", c.Axis)]),
        CustomScaleLayer s => Merging("CustomScaleLayer", [("scale", s.Scale)])
            with
        { Module = "keras.src.applications.inception_resnet_v2" },
        AddConstant a => Operator("Add", a.Constant),
        MultiplyConstant m => Operator("Multiply", m.Constant),
        _ => null,
    };

    private static WrittenClass Layer(string className, (string, JsonNode?)[] entries) => new(className, entries);

    private static WrittenClass Merging(string className, (string, JsonNode?)[] entries) =>
        new(className, entries) { Call = WrittenCall.List };

    private static WrittenClass Operator(string className, double constant) =>
        new(className, []) { Module = "keras.src.ops.numpy", NotesShape = false, Constant = constant };

    private static WrittenClass Pooling(string className, Pooling2D p) => new(className,
    [
        ("pool_size", List(p.Pool)), ("padding", p.Padding.KerasName()), ("strides", List(p.Strides)), ("data_format", Layout),
    ])
    { NotesShape = false };

    private static WrittenClass Pooling(string className, GlobalPooling2D p) =>
        new(className, [("data_format", Layout), ("keepdims", p.KeepDims)]) { NotesShape = false };

    private static (string, JsonNode?)[] Window(Extent kernel, Extent strides, Padding padding) =>
        [("kernel_size", List(kernel)), ("strides", List(strides)), ("padding", padding.KerasName()), ("data_format", Layout)];

    private static (string, JsonNode?)[] Activated(ActivationKind? activation, bool useBias) =>
    [
        ("activation", Name(activation)), ("use_bias", useBias), ("bias_initializer", Written(Initializer.Zeros)),
        ("bias_regularizer", null), ("bias_constraint", null),
    ];

    private static (string, JsonNode?)[] Kernel(string kind, Initializer initializer) =>
        [($"{kind}_initializer", Written(initializer)), ($"{kind}_regularizer", null), ($"{kind}_constraint", null)];

    private static (string, JsonNode?)[] GammaBeta(bool center, bool scale) =>
    [
        ("center", center), ("scale", scale),
        ("beta_initializer", Written(Initializer.Zeros)), ("beta_regularizer", null), ("beta_constraint", null),
        ("gamma_initializer", Written(Initializer.Ones)), ("gamma_regularizer", null), ("gamma_constraint", null),
    ];

    // Keras 3 renamed swish to silu; it reads both names and writes the new one.
    private static string Name(ActivationKind? kind) => kind switch
    {
        null => "linear",
        ActivationKind.Swish => "silu",
        ActivationKind.HardSwish => "hard_silu",
        _ => kind.KerasName()!,
    };

    private static JsonObject Written(Initializer initializer) => initializer switch
    {
        Initializer.Constant { Value: 0 } => KerasObject.Of("keras.initializers", "Zeros"),
        Initializer.Constant { Value: 1 } => KerasObject.Of("keras.initializers", "Ones"),
        Initializer.Constant c => KerasObject.Of("keras.initializers", "Constant", ("value", c.Value)),
        Initializer.TruncatedNormal n =>
            KerasObject.Of("keras.initializers", "TruncatedNormal", ("mean", 0.0), ("stddev", n.StdDev), ("seed", null)),
        Initializer.VarianceScaling { Scale: 1, Mode: FanMode.Average, Distribution: Distribution.Uniform } =>
            KerasObject.Of("keras.initializers", "GlorotUniform", Axes),
        Initializer.VarianceScaling { Scale: 2, Mode: FanMode.In, Distribution: Distribution.TruncatedNormal } =>
            KerasObject.Of("keras.initializers", "HeNormal", Axes),
        Initializer.VarianceScaling v => KerasObject.Of("keras.initializers", "VarianceScaling",
        [
            ("scale", v.Scale), ("mode", v.Mode switch { FanMode.In => "fan_in", FanMode.Out => "fan_out", _ => "fan_avg" }),
            ("distribution", v.Distribution == Distribution.Uniform ? "uniform" : "truncated_normal"), .. Axes,
        ]),
        _ => throw new NotSupportedException($"TransferKit cannot write the initializer {initializer}."),
    };

    private static (string, JsonNode?)[] Axes => [("seed", null), ("input_axes", null), ("output_axes", null)];

    private static JsonArray List(params ReadOnlySpan<int> values)
    {
        var list = new JsonArray();
        foreach (var value in values)
            list.Add((JsonNode)value);
        return list;
    }

    private static JsonArray List(Extent extent) => List(extent.Height, extent.Width);

    private static JsonArray List(Edges edges) => new(List(edges.Top, edges.Bottom), List(edges.Left, edges.Right));

    private static JsonNode? OneOrList(ImmutableArray<double> values) => values.Length == 1 ? values[0] : List(values);

    private static JsonArray? List(IEnumerable<double>? values) =>
        values is null ? null : new JsonArray([.. values.Select(v => (JsonNode)v)]);
}

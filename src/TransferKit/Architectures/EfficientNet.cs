using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>EfficientNet, and the parts that EfficientNetV2 shares (Keras: <c>efficientnet.py</c>).</summary>
internal static class EfficientNet
{
    public static ImmutableArray<Architecture> Variants { get; } =
    [
        Variant("b0", 224, width: 1.0, depth: 1.0, dropoutRate: 0.2, new(29, 77.1, 93.3, 132)),
        Variant("b1", 240, width: 1.0, depth: 1.1, dropoutRate: 0.2, new(31, 79.1, 94.4, 186)),
        Variant("b2", 260, width: 1.1, depth: 1.2, dropoutRate: 0.3, new(36, 80.1, 94.9, 186)),
        Variant("b3", 300, width: 1.2, depth: 1.4, dropoutRate: 0.3, new(48, 81.6, 95.7, 210)),
        Variant("b4", 380, width: 1.4, depth: 1.8, dropoutRate: 0.4, new(75, 82.9, 96.4, 258)),
        Variant("b5", 456, width: 1.6, depth: 2.2, dropoutRate: 0.4, new(118, 83.6, 96.7, 312)),
        Variant("b6", 528, width: 1.8, depth: 2.6, dropoutRate: 0.5, new(166, 84.0, 96.8, 360)),
        Variant("b7", 600, width: 2.0, depth: 3.1, dropoutRate: 0.5, new(256, 84.3, 97.0, 438)),
    ];

    /// <summary>The stages, whose stride is that of the first block.</summary>
    private static readonly (int Expansion, int Filters, int Blocks, int Kernel, int Stride)[] Stages =
    [
        (1, 16, 1, 3, 1), (6, 24, 2, 3, 2), (6, 40, 2, 5, 2), (6, 80, 3, 3, 2),
        (6, 112, 3, 5, 1), (6, 192, 4, 5, 2), (6, 320, 1, 3, 1),
    ];

    public static Initializer KernelInitializer { get; } =
        new Initializer.VarianceScaling(2, FanMode.Out, Distribution.TruncatedNormal);

    private static readonly Initializer TopInitializer = new Initializer.VarianceScaling(1.0 / 3, FanMode.Out, Distribution.Uniform);

    public static Activation Swish { get; } = new(ActivationKind.Swish);

    public static InvertedResidualStyle Style { get; } = new()
    {
        Norm = new(),
        Expand = new("expand_conv", "expand_bn", "expand_activation"),
        Depthwise = new("dwconv", "bn", "activation"),
        Project = new("project_conv", "project_bn", "project_activation"),
        Pad = "dwconv_pad",
        KernelInitializer = KernelInitializer,
    };

    private static Architecture Variant(
        string name, int size, double width, double depth, double dropoutRate, PublishedFigures published) => new()
        {
            Name = $"efficientnet_{name}",
            KerasName = $"EfficientNet{name.ToUpperInvariant()}",
            Paper = new("EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", "https://arxiv.org/abs/1905.11946"),
            Published = published,
            DefaultSize = (size, size),
            MinSize = 32,
            Preprocess = PreprocessMode.None,
            Options = FamilyOptions.DropoutRate | FamilyOptions.DropConnectRate,
            Write = (g, o) => Write(g, o, width, depth, o.DropoutRate ?? dropoutRate),
        };

    private static Layer Write(GraphBuilder g, BuildOptions o, double width, double depth, double dropoutRate)
    {
        var x = g.Add(new Rescaling(1 / 255.0), null, g.Input);
        x = g.Add(new Normalization(), null, x);
        // Keras' ImageNet weights expect pixels divided once more, by the square root of ImageNet's deviation.
        if (o.ImageNetWeights)
            x = g.Add(new Rescaling([.. ImageNetPixels.StdDev.Select(s => 1 / Math.Sqrt(s))], [0]), null, x);
        x = g.PadForStride(x, 3, "stem_conv_pad");
        x = Convolve(g, x, Channels.Divisible(32 * width), 3, 2, Style.Norm, "stem", Padding.Valid);

        var (block, total) = (0, Stages.Sum(s => Repeats(s.Blocks)));
        for (var stage = 0; stage < Stages.Length; stage++)
        {
            var (expansion, filters, blocks, kernel, stride) = Stages[stage];
            for (var i = 0; i < Repeats(blocks); i++, block++)
            {
                var prefix = BlockPrefix(stage, i);
                var narrow = x.OutputShape.Channels;
                x = new InvertedResidual(expansion, Channels.Divisible(filters * width), kernel, i == 0 ? stride : 1, Swish)
                {
                    DropRate = (o.DropConnectRate ?? 0.2) * block / total,
                    Excite = x => SqueezeExcite(g, x, narrow, prefix),
                }.Write(g, x, Style, prefix);
            }
        }

        x = Convolve(g, x, Channels.Divisible(1280 * width), 1, 1, Style.Norm, "top");
        return WriteTop(g, x, o, dropoutRate);

        int Repeats(int blocks) => (int)Math.Ceiling(depth * blocks);
    }

    public static string BlockPrefix(int stage, int block) => $"block{stage + 1}{(char)('a' + block)}_";

    /// <summary>Writes the convolution before or after the blocks.</summary>
    public static Layer Convolve(
        GraphBuilder g, Layer x, int filters, Extent kernel, int stride, BatchNormalization norm, string name,
        Padding padding = Padding.Same)
    {
        var convolution = new Conv2D(filters, kernel, stride, padding) { UseBias = false, KernelInitializer = KernelInitializer };
        return g.ConvBlock(x, convolution, norm, Swish, new($"{name}_conv", $"{name}_bn", $"{name}_activation"));
    }

    /// <summary>Writes squeeze and excitation, with a quarter of the block's <paramref name="narrow"/> input channels.</summary>
    public static Layer SqueezeExcite(GraphBuilder g, Layer x, int narrow, string prefix)
    {
        var channels = x.OutputShape.Channels;
        var s = g.Add(new GlobalAveragePooling2D(), $"{prefix}se_squeeze", x);
        s = g.Add(new Reshape(Shape.Map(1, 1, channels)), $"{prefix}se_reshape", s);
        s = g.Add(Gate(Math.Max(1, narrow / 4), ActivationKind.Swish), $"{prefix}se_reduce", s);
        s = g.Add(Gate(channels, ActivationKind.Sigmoid), $"{prefix}se_expand", s);
        return g.Add(new Multiply(), $"{prefix}se_excite", x, s);

        static Conv2D Gate(int filters, ActivationKind activation) =>
            new(filters, 1, 1, Padding.Same) { Activation = activation, KernelInitializer = KernelInitializer };
    }

    public static Layer WriteTop(GraphBuilder g, Layer x, BuildOptions o, double dropoutRate)
    {
        if (!o.IncludeTop)
            return g.Pool(x, o.Pooling, PoolNames.Named);
        x = g.Add(new GlobalAveragePooling2D(), "avg_pool", x);
        if (dropoutRate > 0)
            x = g.Add(new Dropout(dropoutRate), "top_dropout", x);
        return g.Add(new Dense(o.Classes) { Activation = o.TopActivation, KernelInitializer = TopInitializer }, "predictions", x);
    }
}

using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>MobileNetV3, small and large (Keras: <c>mobilenet_v3.py</c>).</summary>
internal static class MobileNetV3
{
    public static ImmutableArray<Architecture> Variants { get; } =
    [
        Variant("mobilenet_v3_small", "MobileNetV3Small", lastFilters: 1024, top1: 68.1,
        [
            new(1, 16, 3, 2, Excite: true),
            new(72.0 / 16, 24, 3, 2), new(88.0 / 24, 24, 3, 1),
            new(4, 40, 5, 2, Excite: true, Swish: true), new(6, 40, 5, 1, Excite: true, Swish: true),
            new(6, 40, 5, 1, Excite: true, Swish: true),
            new(3, 48, 5, 1, Excite: true, Swish: true), new(3, 48, 5, 1, Excite: true, Swish: true),
            new(6, 96, 5, 2, Excite: true, Swish: true), new(6, 96, 5, 1, Excite: true, Swish: true),
            new(6, 96, 5, 1, Excite: true, Swish: true),
        ]),
        Variant("mobilenet_v3_large", "MobileNetV3Large", lastFilters: 1280, top1: 75.6,
        [
            new(1, 16, 3, 1),
            new(4, 24, 3, 2), new(3, 24, 3, 1),
            new(3, 40, 5, 2, Excite: true), new(3, 40, 5, 1, Excite: true), new(3, 40, 5, 1, Excite: true),
            new(6, 80, 3, 2, Swish: true), new(2.5, 80, 3, 1, Swish: true),
            new(2.3, 80, 3, 1, Swish: true), new(2.3, 80, 3, 1, Swish: true),
            new(6, 112, 3, 1, Excite: true, Swish: true), new(6, 112, 3, 1, Excite: true, Swish: true),
            new(6, 160, 5, 2, Excite: true, Swish: true), new(6, 160, 5, 1, Excite: true, Swish: true),
            new(6, 160, 5, 1, Excite: true, Swish: true),
        ]),
    ];

    // The docstring of this file has the table of accuracies.
    private const string KerasSource = "https://github.com/keras-team/keras/blob/master/keras/src/applications/mobilenet_v3.py";

    /// <summary>A block as in the paper's tables, with optional squeeze and excitation, and hard swish instead of ReLU.</summary>
    private sealed record Block(double Expansion, int Filters, int Kernel, int Stride, bool Excite = false, bool Swish = false);

    private static readonly BatchNormalization Norm = new() { Momentum = 0.999 };
    private static readonly ReLU Relu = new();
    private static readonly Activation HardSwish = new(ActivationKind.HardSwish);

    private static readonly InvertedResidualStyle Style = new()
    {
        Norm = Norm,
        Expand = Names("expand"),
        Depthwise = Names("depthwise"),
        Project = Names("project"),
        Pad = "depthwise_pad",
        InputFirst = true,
    };

    private static Architecture Variant(string name, string kerasName, int lastFilters, double top1, Block[] blocks) => new()
    {
        Name = name,
        KerasName = kerasName,
        Paper = new("Searching for MobileNetV3", "https://arxiv.org/abs/1905.02244"),
        Published = new(top1: top1, source: KerasSource),
        DefaultSize = (224, 224),
        MinSize = 32,
        Preprocess = PreprocessMode.None,
        Options = FamilyOptions.Alpha | FamilyOptions.Minimalistic | FamilyOptions.DropoutRate | FamilyOptions.IncludePreprocessing,
        WeightAlphas = [0.75, 1.0],
        TopTakesAnySize = true,
        Write = (g, o) => Write(g, o, blocks, lastFilters),
    };

    private static Layer Write(GraphBuilder g, BuildOptions o, Block[] blocks, int lastFilters)
    {
        var alpha = o.Alpha ?? 1;
        var minimalistic = o.Minimalistic ?? false;
        LayerOp activation = minimalistic ? Relu : HardSwish;

        var x = g.Input;
        if (o.IncludePreprocessing ?? true)
            x = g.Add(new Rescaling(1 / 127.5, -1), null, x);
        x = g.ConvBlock(x, Convolution(16, 3, 2), Norm, activation, Names("conv"));

        for (var i = 0; i < blocks.Length; i++)
        {
            var b = blocks[i];
            var prefix = i == 0 ? "expanded_conv_" : $"expanded_conv_{i}_";
            var filters = Channels.Divisible(b.Filters * alpha);
            var block = new InvertedResidual(b.Expansion, filters, minimalistic ? 3 : b.Kernel, b.Stride, b.Swish ? activation : Relu)
            {
                Excite = b.Excite && !minimalistic ? x => SqueezeExcite(g, x, prefix) : null,
            };
            x = block.Write(g, x, Style, prefix);
        }

        x = g.ConvBlock(x, Convolution(Channels.Divisible(x.OutputShape.Channels * 6), 1, 1), Norm, activation, Names("conv_1"));
        return o.IncludeTop
            ? WriteTop(g, x, o, Channels.Divisible(lastFilters * Math.Max(alpha, 1)), activation)
            : g.Pool(x, o.Pooling, PoolNames.Named);
    }

    private static Layer WriteTop(GraphBuilder g, Layer x, BuildOptions o, int filters, LayerOp activation)
    {
        var dropoutRate = o.DropoutRate ?? 0.2;
        x = g.Add(new GlobalAveragePooling2D { KeepDims = true }, null, x);
        x = g.Conv2D(x, filters, 1, padding: Padding.Same, name: "conv_2");
        x = g.Add(activation, null, x);
        if (dropoutRate > 0)
            x = g.Add(new Dropout(dropoutRate), null, x);
        x = g.Conv2D(x, o.Classes, 1, padding: Padding.Same, name: "logits");
        x = g.Add(new Flatten(), null, x);
        return g.Add(new Activation(o.TopActivation), "predictions", x);
    }

    private static Layer SqueezeExcite(GraphBuilder g, Layer x, string prefix)
    {
        var channels = x.OutputShape.Channels;
        var s = g.Add(new GlobalAveragePooling2D { KeepDims = true }, $"{prefix}squeeze_excite_avg_pool", x);
        s = g.Conv2D(s, Channels.Divisible(channels * 0.25), 1, padding: Padding.Same, name: $"{prefix}squeeze_excite_conv");
        s = g.Add(Relu, $"{prefix}squeeze_excite_relu", s);
        s = g.Conv2D(s, channels, 1, padding: Padding.Same, name: $"{prefix}squeeze_excite_conv_1");

        // Keras writes the hard sigmoid as relu6(s + 3) / 6.
        s = g.Add(new AddConstant(3), null, s);
        s = g.Add(new ReLU(6), null, s);
        s = g.Add(new MultiplyConstant(1.0 / 6), null, s);
        return g.Add(new Multiply(), $"{prefix}squeeze_excite_mul", x, s);
    }

    private static Conv2D Convolution(int filters, Extent kernel, int stride) =>
        new(filters, kernel, stride, Padding.Same) { UseBias = false };

    private static ConvNames Names(string name) => new(name, $"{name}_bn", null);
}

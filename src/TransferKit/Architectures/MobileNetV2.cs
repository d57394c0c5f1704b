using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>MobileNetV2 (Keras: <c>mobilenet_v2.py</c>).</summary>
internal static class MobileNetV2
{
    public static ImmutableArray<Architecture> Variants { get; } =
    [
        new()
        {
            Name = "mobilenet_v2",
            KerasName = "MobileNetV2",
            Paper = new("MobileNetV2: Inverted Residuals and Linear Bottlenecks", "https://arxiv.org/abs/1801.04381"),
            Published = new(14, 71.3, 90.1, 105),
            License = Licenses.Apache,
            DefaultSize = (224, 224),
            MinSize = 32,
            Preprocess = PreprocessMode.Tf,
            Options = FamilyOptions.Alpha,
            WeightAlphas = [0.35, 0.5, 0.75, 1.0, 1.3, 1.4],
            WeightSides = [96, 128, 160, 192, 224],
            Write = Write,
        },
    ];

    /// <summary>The stages, whose stride is that of the first block.</summary>
    private static readonly (double Expansion, int Filters, int Blocks, int Stride)[] Stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    private static readonly BatchNormalization Norm = new() { Momentum = 0.999 };
    private static readonly ReLU Relu6 = new(6);

    private static readonly InvertedResidualStyle Style = new()
    {
        Norm = Norm,
        Expand = new("expand", "expand_BN", "expand_relu"),
        Depthwise = new("depthwise", "depthwise_BN", "depthwise_relu"),
        Project = new("project", "project_BN", null),
        Pad = "pad",
        InputFirst = true,
    };

    private static Layer Write(GraphBuilder g, BuildOptions o)
    {
        var alpha = o.Alpha ?? 1;
        var stem = new Conv2D(Channels.Divisible(32 * alpha), 3, 2, Padding.Same) { UseBias = false };
        var x = g.ConvBlock(g.Input, stem, Norm, Relu6, new("Conv1", "bn_Conv1", "Conv1_relu"));

        var id = 0;
        foreach (var (expansion, filters, blocks, stride) in Stages)
        {
            for (var i = 0; i < blocks; i++, id++)
            {
                var block = new InvertedResidual(expansion, Channels.Divisible((int)(filters * alpha)), 3, i == 0 ? stride : 1, Relu6);
                x = block.Write(g, x, Style, id == 0 ? "expanded_conv_" : $"block_{id}_");
            }
        }

        // The last convolution is wider for a larger alpha, but never narrower.
        var last = new Conv2D(Channels.Divisible(1280 * Math.Max(alpha, 1)), 1, 1, Padding.Valid) { UseBias = false };
        x = g.ConvBlock(x, last, Norm, Relu6, new("Conv_1", "Conv_1_bn", "out_relu"));
        return g.Finish(x, o, PoolNames.Automatic);
    }
}

using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>Xception (Keras: <c>xception.py</c>).</summary>
internal static class Xception
{
    public static ImmutableArray<Architecture> Variants { get; } =
    [
        new()
        {
            Name = "xception",
            KerasName = "Xception",
            Paper = new("Xception: Deep Learning with Depthwise Separable Convolutions", "https://arxiv.org/abs/1610.02357"),
            Published = new(88, 79.0, 94.5, 81),
            License = Licenses.Mit,
            DefaultSize = (299, 299),
            MinSize = 71,
            Preprocess = PreprocessMode.Tf,
            Write = Write,
        },
    ];

    private static readonly BatchNormalization Norm = new();
    private static readonly Activation Relu = new(ActivationKind.Relu);

    private static Layer Write(GraphBuilder g, BuildOptions o)
    {
        // The paper's entry flow halves the map four times.
        var x = g.ConvBlock(g.Input, Convolution(32, 3, 2), Norm, Relu, Names("block1_conv1"));
        x = g.ConvBlock(x, Convolution(64, 3, 1), Norm, Relu, Names("block1_conv2"));
        x = WriteHalving(g, x, 128, 128, "block2", activated: true);
        x = WriteHalving(g, x, 256, 256, "block3");
        x = WriteHalving(g, x, 728, 728, "block4");

        // The middle flow repeats one residual block.
        for (var block = 5; block <= 12; block++)
        {
            var residual = x;
            for (var i = 1; i <= 3; i++)
                x = WriteActivatedSeparable(g, x, 728, $"block{block}_sepconv{i}");
            x = g.Sum(x, residual);
        }

        // The exit flow halves the map once more and widens it.
        x = WriteHalving(g, x, 728, 1024, "block13");
        x = g.ConvBlock(x, Separable(1536), Norm, Relu, Names("block14_sepconv1"));
        x = g.ConvBlock(x, Separable(2048), Norm, Relu, Names("block14_sepconv2"));
        return g.Finish(x, o, PoolNames.NamedWithTop);
    }

    private static Layer WriteHalving(
        GraphBuilder g, Layer x, int first, int second, string name, bool activated = false)
    {
        var residual = g.ConvBlock(x, Convolution(second, 1, 2, Padding.Same), Norm, activation: null);
        x = activated
            ? g.ConvBlock(x, Separable(first), Norm, activation: null, Names($"{name}_sepconv1"))
            : WriteActivatedSeparable(g, x, first, $"{name}_sepconv1");
        x = WriteActivatedSeparable(g, x, second, $"{name}_sepconv2");
        x = g.MaxPool(x, 3, 2, Padding.Same, $"{name}_pool");
        return g.Sum(x, residual);
    }

    private static Layer WriteActivatedSeparable(GraphBuilder g, Layer x, int filters, string name) =>
        g.ConvBlock(g.Add(Relu, $"{name}_act", x), Separable(filters), Norm, activation: null, Names(name));

    private static Conv2D Convolution(int filters, Extent kernel, int stride, Padding padding = Padding.Valid) =>
        new(filters, kernel, stride, padding) { UseBias = false };

    private static SeparableConv2D Separable(int filters) => new(filters, 3, 1, Padding.Same) { UseBias = false };

    private static ConvNames Names(string name) => new(name, $"{name}_bn", $"{name}_act");
}

using System.Collections.Immutable;
using TransferKit.Graph;
using static TransferKit.Graph.Padding;

namespace TransferKit.Architectures;

/// <summary>InceptionV3 (Keras: <c>inception_v3.py</c>).</summary>
internal static class Inception
{
    public static ImmutableArray<Architecture> Variants { get; } =
    [
        new()
        {
            Name = "inception_v3",
            KerasName = "InceptionV3",
            Paper = new("Rethinking the Inception Architecture for Computer Vision", "https://arxiv.org/abs/1512.00567"),
            Published = new(92, 77.9, 93.7, 189),
            License = Licenses.Apache,
            DefaultSize = (299, 299),
            MinSize = 75,
            Preprocess = PreprocessMode.Tf,
            Write = Write,
        },
    ];

    private static readonly BatchNormalization Norm = new() { Scale = false };
    private static readonly Activation Relu = new(ActivationKind.Relu);

    private static readonly Extent Row = new(1, 7), Column = new(7, 1);

    private static Layer Write(GraphBuilder g, BuildOptions o)
    {
        var x = WriteStem(g, g.Input);
        x = WriteMixed35(g, x, pooled: 32, "mixed0");
        x = WriteMixed35(g, x, pooled: 64, "mixed1");
        x = WriteMixed35(g, x, pooled: 64, "mixed2");

        x = g.Join("mixed3",
            g.ConvBn(x, 384, 3, 2, Valid),
            g.ConvBn(g.ConvBn(g.ConvBn(x, 64, 1), 96, 3), 96, 3, 2, Valid),
            g.MaxPool(x, 3, 2));

        x = WriteMixed17(g, x, narrow: 128, "mixed4");
        x = WriteMixed17(g, x, narrow: 160, "mixed5");
        x = WriteMixed17(g, x, narrow: 160, "mixed6");
        x = WriteMixed17(g, x, narrow: 192, "mixed7");

        x = g.Join("mixed8",
            g.ConvBn(g.ConvBn(x, 192, 1), 320, 3, 2, Valid),
            g.ConvBn(g.ConvBn(g.ConvBn(g.ConvBn(x, 192, 1), 192, Row), 192, Column), 192, 3, 2, Valid),
            g.MaxPool(x, 3, 2));

        x = WriteMixed8(g, x, "mixed9", "mixed9_0");
        x = WriteMixed8(g, x, "mixed10", "mixed9_1");
        return g.Finish(x, o, PoolNames.NamedWithTop);
    }

    /// <summary>Writes the first convolutions, which Inception-ResNet shares.</summary>
    public static Layer WriteStem(GraphBuilder g, Layer x)
    {
        x = g.ConvBn(x, 32, 3, 2, Valid);
        x = g.ConvBn(x, 32, 3, 1, Valid);
        x = g.ConvBn(x, 64, 3);
        x = g.MaxPool(x, 3, 2);
        x = g.ConvBn(x, 80, 1, 1, Valid);
        x = g.ConvBn(x, 192, 3, 1, Valid);
        return g.MaxPool(x, 3, 2);
    }

    /// <summary>Writes a block of 35 x 35 maps, which Inception-ResNet uses with other widths.</summary>
    public static Layer WriteMixed35(GraphBuilder g, Layer x, int pooled, string name, int direct = 64) => g.Join(name,
        g.ConvBn(x, direct, 1),
        g.ConvBn(g.ConvBn(x, 48, 1), 64, 5),
        g.ConvBn(g.ConvBn(g.ConvBn(x, 64, 1), 96, 3), 96, 3),
        g.ConvBn(g.AvgPool(x, 3, 1, Same), pooled, 1));

    private static Layer WriteMixed17(GraphBuilder g, Layer x, int narrow, string name)
    {
        var direct = g.ConvBn(x, 192, 1);

        var once = g.ConvBn(x, narrow, 1);
        once = g.ConvBn(once, narrow, Row);
        once = g.ConvBn(once, 192, Column);

        var twice = g.ConvBn(x, narrow, 1);
        twice = g.ConvBn(twice, narrow, Column);
        twice = g.ConvBn(twice, narrow, Row);
        twice = g.ConvBn(twice, narrow, Column);
        twice = g.ConvBn(twice, 192, Row);

        return g.Join(name, direct, once, twice, g.ConvBn(g.AvgPool(x, 3, 1, Same), 192, 1));
    }

    private static Layer WriteMixed8(GraphBuilder g, Layer x, string name, string splitName)
    {
        var direct = g.ConvBn(x, 320, 1);
        var once = Split(g.ConvBn(x, 384, 1), splitName);
        var twice = Split(g.ConvBn(g.ConvBn(x, 448, 1), 384, 3), null);
        return g.Join(name, direct, once, twice, g.ConvBn(g.AvgPool(x, 3, 1, Same), 192, 1));

        Layer Split(Layer x, string? name) =>
            g.Join(name, g.ConvBn(x, 384, new Extent(1, 3)), g.ConvBn(x, 384, new Extent(3, 1)));
    }

    /// <summary>Writes the convolution that both Inception families consist of.</summary>
    public static Layer ConvBn(
        this GraphBuilder g, Layer x, int filters, Extent kernel, int stride = 1, Padding padding = Same, ConvNames names = default) =>
        g.ConvBlock(x, new Conv2D(filters, kernel, stride, padding) { UseBias = false }, Norm, Relu, names);
}

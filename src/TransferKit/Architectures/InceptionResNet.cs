using System.Collections.Immutable;
using TransferKit.Graph;
using static TransferKit.Graph.Padding;

namespace TransferKit.Architectures;

/// <summary>InceptionResNetV2, with InceptionV3's stem and convolutions (Keras: <c>inception_resnet_v2.py</c>).</summary>
internal static class InceptionResNet
{
    public static ImmutableArray<Architecture> Variants { get; } =
    [
        new()
        {
            Name = "inception_resnet_v2",
            KerasName = "InceptionResNetV2",
            Paper = new(
                "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning",
                "https://arxiv.org/abs/1602.07261"),
            Published = new(215, 80.3, 95.3, 449),
            License = Licenses.Apache,
            DefaultSize = (299, 299),
            MinSize = 75,
            Preprocess = PreprocessMode.Tf,
            Write = Write,
        },
    ];

    private static Layer Write(GraphBuilder g, BuildOptions o)
    {
        var x = Inception.WriteStem(g, g.Input);
        x = Inception.WriteMixed35(g, x, pooled: 64, "mixed_5b", direct: 96);

        for (var i = 1; i <= 10; i++)
        {
            x = WriteResidual(g, x, 0.17, $"block35_{i}",
                g.ConvBn(x, 32, 1),
                g.ConvBn(g.ConvBn(x, 32, 1), 32, 3),
                g.ConvBn(g.ConvBn(g.ConvBn(x, 32, 1), 48, 3), 64, 3));
        }

        x = g.Join("mixed_6a",
            g.ConvBn(x, 384, 3, 2, Valid),
            g.ConvBn(g.ConvBn(g.ConvBn(x, 256, 1), 256, 3), 384, 3, 2, Valid),
            g.MaxPool(x, 3, 2));

        for (var i = 1; i <= 20; i++)
        {
            x = WriteResidual(g, x, 0.1, $"block17_{i}",
                g.ConvBn(x, 192, 1),
                g.ConvBn(g.ConvBn(g.ConvBn(x, 128, 1), 160, new Extent(1, 7)), 192, new Extent(7, 1)));
        }

        x = g.Join("mixed_7a",
            g.ConvBn(g.ConvBn(x, 256, 1), 384, 3, 2, Valid),
            g.ConvBn(g.ConvBn(x, 256, 1), 288, 3, 2, Valid),
            g.ConvBn(g.ConvBn(g.ConvBn(x, 256, 1), 288, 3), 320, 3, 2, Valid),
            g.MaxPool(x, 3, 2));

        // The last block adds its branches unscaled and has no activation.
        for (var i = 1; i <= 10; i++)
        {
            x = WriteResidual(g, x, i < 10 ? 0.2 : 1, $"block8_{i}",
                g.ConvBn(x, 192, 1),
                g.ConvBn(g.ConvBn(g.ConvBn(x, 192, 1), 224, new Extent(1, 3)), 256, new Extent(3, 1)));
        }

        x = g.ConvBn(x, 1536, 1, names: new("conv_7b", "conv_7b_bn", "conv_7b_ac"));
        return g.Finish(x, o, PoolNames.NamedWithTop);
    }

    private static Layer WriteResidual(GraphBuilder g, Layer x, double scale, string name, params ReadOnlySpan<Layer> branches)
    {
        var mixed = g.Join($"{name}_mixed", branches);
        var up = g.Conv2D(mixed, x.OutputShape.Channels, 1, padding: Same, name: $"{name}_conv");
        x = g.Add(new CustomScaleLayer(scale), null, x, up);
        return scale < 1 ? g.Activate(x, ActivationKind.Relu, $"{name}_ac") : x;
    }
}

using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>DenseNet (Keras: <c>densenet.py</c>).</summary>
internal static class DenseNet
{
    public static ImmutableArray<Architecture> Variants { get; } =
    [
        Variant("densenet121", "DenseNet121", [6, 12, 24, 16], new(33, 75.0, 92.3, 242)),
        Variant("densenet169", "DenseNet169", [6, 12, 32, 32], new(57, 76.2, 93.2, 338)),
        Variant("densenet201", "DenseNet201", [6, 12, 48, 32], new(80, 77.3, 93.6, 402)),
    ];

    private const int GrowthRate = 32;

    private static readonly BatchNormalization Norm = new() { Epsilon = 1.001e-5 };

    private static Architecture Variant(string name, string kerasName, int[] blocks, PublishedFigures published) => new()
    {
        Name = name,
        KerasName = kerasName,
        Paper = new("Densely Connected Convolutional Networks", "https://arxiv.org/abs/1608.06993"),
        Published = published,
        License = Licenses.Bsd3,
        DefaultSize = (224, 224),
        MinSize = 32,
        Preprocess = PreprocessMode.Torch,
        Write = (g, o) => Write(g, o, blocks),
    };

    private static Layer Write(GraphBuilder g, BuildOptions o, int[] blocks)
    {
        var x = Convolve(g, g.Pad(g.Input, 3), 64, 7, 2, "conv1_conv");
        x = NormAndRelu(g, x, "conv1_");
        x = g.MaxPool(g.Pad(x, 1), 3, 2, name: "pool1");

        for (var i = 0; i < blocks.Length; i++)
        {
            if (i > 0)
                x = WriteTransition(g, x, $"pool{i + 1}");
            for (var b = 1; b <= blocks[i]; b++)
                x = WriteBlock(g, x, $"conv{i + 2}_block{b}");
        }

        x = NormAndRelu(g, x, "");
        return g.Finish(x, o, PoolNames.Named);
    }

    private static Layer WriteBlock(GraphBuilder g, Layer x, string name)
    {
        var grown = NormAndRelu(g, x, $"{name}_0_");
        grown = Convolve(g, grown, 4 * GrowthRate, 1, 1, $"{name}_1_conv");
        grown = NormAndRelu(g, grown, $"{name}_1_");
        grown = Convolve(g, grown, GrowthRate, 3, 1, $"{name}_2_conv", Padding.Same);
        return g.Join($"{name}_concat", x, grown);
    }

    /// <summary>Writes a transition, which halves the channels, the height and the width.</summary>
    private static Layer WriteTransition(GraphBuilder g, Layer x, string name)
    {
        x = NormAndRelu(g, x, $"{name}_");
        x = Convolve(g, x, x.OutputShape.Channels / 2, 1, 1, $"{name}_conv");
        return g.AvgPool(x, 2, 2, name: $"{name}_pool");
    }

    private static Layer NormAndRelu(GraphBuilder g, Layer x, string prefix) =>
        g.Activate(g.Add(Norm, $"{prefix}bn", x), ActivationKind.Relu, $"{prefix}relu");

    private static Layer Convolve(
        GraphBuilder g, Layer x, int filters, Extent kernel, int stride, string name, Padding padding = Padding.Valid) =>
        g.Conv2D(x, filters, kernel, stride, padding, useBias: false, name: name);
}

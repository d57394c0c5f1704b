using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>
/// ResNet and ResNetV2, which share everything but their stacks of blocks
/// (Keras: <c>resnet.py</c>, <c>resnet_v2.py</c>).
/// </summary>
internal static class Resnet
{
    private static readonly BatchNormalization Norm = new() { Epsilon = 1.001e-5 };
    private static readonly Activation Relu = new(ActivationKind.Relu);

    private static readonly Paper V1Paper = new("Deep Residual Learning for Image Recognition", "https://arxiv.org/abs/1512.03385");
    private static readonly Paper V2Paper = new("Identity Mappings in Deep Residual Networks", "https://arxiv.org/abs/1603.05027");

    public static ImmutableArray<Architecture> Variants { get; } =
    [
        V1("resnet50", "ResNet50", [3, 4, 6, 3], new(98, 74.9, 92.1, 107)),
        V1("resnet101", "ResNet101", [3, 4, 23, 3], new(171, 76.4, 92.8, 209)),
        V1("resnet152", "ResNet152", [3, 8, 36, 3], new(232, 76.6, 93.1, 311)),
        V2("resnet50v2", "ResNet50V2", [3, 4, 6, 3], new(98, 76.0, 93.0, 103)),
        V2("resnet101v2", "ResNet101V2", [3, 4, 23, 3], new(171, 77.2, 93.8, 205)),
        V2("resnet152v2", "ResNet152V2", [3, 8, 36, 3], new(232, 78.0, 94.2, 307)),
    ];

    private static Architecture V1(string name, string kerasName, int[] blocks, PublishedFigures published) =>
        Variant(name, kerasName, V1Paper, published, Licenses.Mit, PreprocessMode.Caffe,
            (g, o) => Write(g, o, blocks, StackV1, preactivated: false));

    private static Architecture V2(string name, string kerasName, int[] blocks, PublishedFigures published) =>
        Variant(name, kerasName, V2Paper, published, Licenses.Bsd, PreprocessMode.Tf,
            (g, o) => Write(g, o, blocks, StackV2, preactivated: true));

    private static Architecture Variant(
        string name, string kerasName, Paper paper, PublishedFigures published, WeightsLicense license, PreprocessMode preprocess,
        Func<GraphBuilder, BuildOptions, Layer> write) => new()
        {
            Name = name,
            KerasName = kerasName,
            Paper = paper,
            Published = published,
            License = license,
            DefaultSize = (224, 224),
            MinSize = 32,
            Preprocess = preprocess,
            Write = write,
        };

    /// <summary>Writes the residual blocks of one resolution. The stride is that of the block that changes the resolution.</summary>
    private delegate Layer Stack(GraphBuilder g, Layer x, int filters, int blocks, int stride, string name);

    private static Layer Write(GraphBuilder g, BuildOptions o, int[] blocks, Stack stack, bool preactivated)
    {
        var x = g.Pad(g.Input, 3, "conv1_pad");
        x = g.Conv2D(x, 64, 7, 2, name: "conv1_conv");
        if (!preactivated)
            x = NormAndRelu(g, x, "conv1_bn", "conv1_relu");
        x = g.MaxPool(g.Pad(x, 1, "pool1_pad"), 3, 2, name: "pool1_pool");

        // V1 halves the map at the start of each stack but the first, and V2 at the end of each but the last.
        var full = preactivated ? blocks.Length - 1 : 0;
        for (var i = 0; i < blocks.Length; i++)
            x = stack(g, x, 64 << i, blocks[i], i == full ? 1 : 2, $"conv{i + 2}");

        if (preactivated)
            x = NormAndRelu(g, x, "post_bn", "post_relu");
        return g.Finish(x, o, PoolNames.Named);
    }

    private static Layer StackV1(GraphBuilder g, Layer x, int filters, int blocks, int stride, string name)
    {
        for (var i = 1; i <= blocks; i++)
            x = BlockV1(g, x, filters, i == 1 ? stride : 1, project: i == 1, $"{name}_block{i}");
        return x;
    }

    private static Layer BlockV1(GraphBuilder g, Layer x, int filters, int stride, bool project, string name)
    {
        var shortcut = project ? Convolve(x, 4 * filters, 1, stride, part: 0, activated: false) : x;
        x = Convolve(x, filters, 1, stride, part: 1);
        x = Convolve(x, filters, 3, 1, part: 2);
        x = Convolve(x, 4 * filters, 1, 1, part: 3, activated: false);
        return g.Add(Relu, $"{name}_out", g.Sum(shortcut, x, $"{name}_add"));

        Layer Convolve(Layer x, int filters, Extent kernel, int stride, int part, bool activated = true) => g.ConvBlock(
            x, new Conv2D(filters, kernel, stride, kernel == 1 ? Padding.Valid : Padding.Same), Norm, activated ? Relu : null,
            Names($"{name}_{part}"));
    }

    private static Layer StackV2(GraphBuilder g, Layer x, int filters, int blocks, int stride, string name)
    {
        for (var i = 1; i <= blocks; i++)
            x = BlockV2(g, x, filters, i == blocks ? stride : 1, project: i == 1, $"{name}_block{i}");
        return x;
    }

    private static Layer BlockV2(GraphBuilder g, Layer x, int filters, int stride, bool project, string name)
    {
        var before = NormAndRelu(g, x, $"{name}_preact_bn", $"{name}_preact_relu");
        var shortcut = project ? g.Conv2D(before, 4 * filters, 1, stride, name: $"{name}_0_conv")
            : stride > 1 ? g.MaxPool(x, 1, stride)
            : x;
        x = g.ConvBlock(before, new Conv2D(filters, 1, 1, Padding.Valid) { UseBias = false }, Norm, Relu, Names($"{name}_1"));
        x = g.Pad(x, 1, $"{name}_2_pad");
        x = g.ConvBlock(x, new Conv2D(filters, 3, stride, Padding.Valid) { UseBias = false }, Norm, Relu, Names($"{name}_2"));
        x = g.Conv2D(x, 4 * filters, 1, name: $"{name}_3_conv");
        return g.Sum(shortcut, x, $"{name}_out");
    }

    private static Layer NormAndRelu(GraphBuilder g, Layer x, string normName, string reluName) =>
        g.Add(Relu, reluName, g.Add(Norm, normName, x));

    private static ConvNames Names(string prefix) => new($"{prefix}_conv", $"{prefix}_bn", $"{prefix}_relu");
}

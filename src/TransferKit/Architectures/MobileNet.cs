using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>MobileNet (Keras: <c>mobilenet.py</c>).</summary>
internal static class MobileNet
{
    public static ImmutableArray<Architecture> Variants { get; } =
    [
        new()
        {
            Name = "mobilenet",
            KerasName = "MobileNet",
            Paper = new(
                "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
                "https://arxiv.org/abs/1704.04861"),
            Published = new(16, 70.4, 89.5, 55),
            License = Licenses.Apache,
            DefaultSize = (224, 224),
            MinSize = 32,
            Preprocess = PreprocessMode.Tf,
            Options = FamilyOptions.Alpha | FamilyOptions.DepthMultiplier | FamilyOptions.DropoutRate,
            WeightAlphas = [0.25, 0.5, 0.75, 1.0],
            WeightSides = [128, 160, 192, 224],
            Write = Write,
        },
    ];

    /// <summary>The filters and strides of the blocks.</summary>
    private static readonly (int Filters, int Stride)[] Blocks =
    [
        (64, 1), (128, 2), (128, 1), (256, 2), (256, 1),
        (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
    ];

    private static readonly BatchNormalization Norm = new();
    private static readonly ReLU Relu6 = new(6);

    private static Layer Write(GraphBuilder g, BuildOptions o)
    {
        var alpha = o.Alpha ?? 1;
        var x = g.ConvBlock(g.Input, Convolution((int)(32 * alpha), 3, 2), Norm, Relu6, Names("conv1"));
        for (var i = 0; i < Blocks.Length; i++)
            x = WriteBlock(g, x, (int)(Blocks[i].Filters * alpha), Blocks[i].Stride, o.DepthMultiplier ?? 1, id: i + 1);
        if (!o.IncludeTop)
            return g.Pool(x, o.Pooling);

        x = g.Add(new GlobalAveragePooling2D { KeepDims = true }, null, x);
        x = g.Add(new Dropout(o.DropoutRate ?? 1e-3), "dropout", x);
        x = g.Conv2D(x, o.Classes, 1, padding: Padding.Same, name: "conv_preds");
        x = g.Add(new Reshape(Shape.Vector(o.Classes)), "reshape_2", x);
        return g.Add(new Activation(o.TopActivation), "predictions", x);
    }

    private static Layer WriteBlock(GraphBuilder g, Layer x, int filters, int stride, int depthMultiplier, int id)
    {
        if (stride > 1)
            x = g.Pad(x, new Edges(0, 1, 0, 1), $"conv_pad_{id}");
        var depthwise = new DepthwiseConv2D(3, stride, stride > 1 ? Padding.Valid : Padding.Same)
        {
            DepthMultiplier = depthMultiplier,
            UseBias = false,
        };
        x = g.ConvBlock(x, depthwise, Norm, Relu6, Names($"conv_dw_{id}"));
        return g.ConvBlock(x, Convolution(filters, 1, 1), Norm, Relu6, Names($"conv_pw_{id}"));
    }

    private static Conv2D Convolution(int filters, Extent kernel, int stride) =>
        new(filters, kernel, stride, Padding.Same) { UseBias = false };

    private static ConvNames Names(string name) => new(name, $"{name}_bn", $"{name}_relu");
}

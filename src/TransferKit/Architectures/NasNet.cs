using System.Collections.Immutable;
using TransferKit.Graph;
using static TransferKit.Graph.Padding;

namespace TransferKit.Architectures;

/// <summary>NASNet-A, mobile and large (Keras: <c>nasnet.py</c>).</summary>
internal static class NasNet
{
    public static ImmutableArray<Architecture> Variants { get; } =
    [
        Variant(
            "nasnet_mobile", "NASNetMobile", 224, new(23, 74.4, 91.9, 389),
            new(StemFilters: 32, Filters: 44, Cells: 4, SkipReduction: false)),
        Variant(
            "nasnet_large", "NASNetLarge", 331, new(343, 82.5, 96.0, 533),
            new(StemFilters: 96, Filters: 168, Cells: 6, SkipReduction: true)),
    ];

    /// <summary>
    /// The differences between the two networks. Filters are those of the first normal cells (Keras' <c>penultimate_filters / 24</c>),
    /// and Cells is the number of normal cells per resolution. With SkipReduction, the first cell after a reduction reads the cell
    /// before the reduction's input too.
    /// </summary>
    private sealed record Plan(int StemFilters, int Filters, int Cells, bool SkipReduction);

    private static readonly BatchNormalization Norm = new() { Momentum = 0.9997 };

    private static Architecture Variant(string name, string kerasName, int size, PublishedFigures published, Plan plan) => new()
    {
        Name = name,
        KerasName = kerasName,
        Paper = new("Learning Transferable Architectures for Scalable Image Recognition", "https://arxiv.org/abs/1707.07012"),
        Published = published,
        License = Licenses.Apache,
        DefaultSize = (size, size),
        MinSize = 32,
        Preprocess = PreprocessMode.Tf,
        Write = (g, o) => Write(g, o, plan),
    };

    // Each cell reads the two cells before it: x is the last, and p the one before.
    private static Layer Write(GraphBuilder g, BuildOptions o, Plan plan)
    {
        var x = g.ConvBlock(g.Input, Convolution(plan.StemFilters, 3, 2, Valid), Norm, null, new("stem_conv1", "stem_bn1", null));
        Layer? p = null;
        (x, p) = (WriteReductionCell(g, x, p, plan.Filters / 4, "stem_1"), x);
        (x, p) = (WriteReductionCell(g, x, p, plan.Filters / 2, "stem_2"), x);

        for (var stage = 0; stage < 3; stage++)
        {
            var filters = plan.Filters << stage;
            if (stage > 0)
            {
                var reduced = WriteReductionCell(g, x, p, filters, $"reduce_{stage * plan.Cells}");
                (x, p) = (reduced, plan.SkipReduction ? p : x);
            }
            // Keras skips one number of the normal cells, at the first reduction.
            var first = stage * plan.Cells + Math.Min(stage, 1);
            for (var i = first; i < first + plan.Cells; i++)
                (x, p) = (WriteNormalCell(g, x, p, filters, $"{i}"), x);
        }

        x = g.Activate(x, ActivationKind.Relu);
        return g.Finish(x, o, PoolNames.Automatic);
    }

    private static Layer WriteNormalCell(GraphBuilder g, Layer input, Layer previous, int filters, string id)
    {
        var p = Adjust(g, previous, input, filters, id);
        var h = Squeeze(g, input, filters, $"normal_conv_1_{id}", $"normal_bn_1_{id}");

        var x1 = g.Sum(
            Separable(g, h, filters, 5, 1, $"normal_left1_{id}"),
            Separable(g, p, filters, 3, 1, $"normal_right1_{id}"), $"normal_add_1_{id}");
        var x2 = g.Sum(
            Separable(g, p, filters, 5, 1, $"normal_left2_{id}"),
            Separable(g, p, filters, 3, 1, $"normal_right2_{id}"), $"normal_add_2_{id}");
        var x3 = g.Sum(g.AvgPool(h, 3, 1, Same, $"normal_left3_{id}"), p, $"normal_add_3_{id}");
        var x4 = g.Sum(
            g.AvgPool(p, 3, 1, Same, $"normal_left4_{id}"),
            g.AvgPool(p, 3, 1, Same, $"normal_right4_{id}"), $"normal_add_4_{id}");
        var x5 = g.Sum(Separable(g, h, filters, 3, 1, $"normal_left5_{id}"), h, $"normal_add_5_{id}");
        return Join(g, $"normal_concat_{id}", p, x1, x2, x3, x4, x5);
    }

    private static Layer WriteReductionCell(GraphBuilder g, Layer input, Layer? previous, int filters, string id)
    {
        var p = Adjust(g, previous, input, filters, id);
        var h = Squeeze(g, input, filters, $"reduction_conv_1_{id}", $"reduction_bn_1_{id}");
        var padded = g.PadForStride(h, 3, $"reduction_pad_1_{id}");

        var x1 = g.Sum(
            Separable(g, h, filters, 5, 2, $"reduction_left1_{id}"),
            Separable(g, p, filters, 7, 2, $"reduction_right1_{id}"), $"reduction_add_1_{id}");
        var x2 = g.Sum(
            g.MaxPool(padded, 3, 2, name: $"reduction_left2_{id}"),
            Separable(g, p, filters, 7, 2, $"reduction_right2_{id}"), $"reduction_add_2_{id}");
        var x3 = g.Sum(
            g.AvgPool(padded, 3, 2, name: $"reduction_left3_{id}"),
            Separable(g, p, filters, 5, 2, $"reduction_right3_{id}"), $"reduction_add3_{id}");
        var x4 = g.Sum(x2, g.AvgPool(x1, 3, 1, Same, $"reduction_left4_{id}"));
        var x5 = g.Sum(
            Separable(g, x1, filters, 3, 1, $"reduction_left4_{id}"),
            g.MaxPool(padded, 3, 2, name: $"reduction_right5_{id}"), $"reduction_add4_{id}");
        return Join(g, $"reduction_concat_{id}", x2, x3, x4, x5);
    }

    /// <summary>Adjusts the previous cell's size and channels to this cell. The first cell uses its own input instead.</summary>
    private static Layer Adjust(GraphBuilder g, Layer? previous, Layer input, int filters, string id)
    {
        if (previous is null)
            return input;
        if (previous.OutputShape.Width == input.OutputShape.Width)
        {
            return previous.OutputShape.Channels == filters
                ? previous
                : Squeeze(g, previous, filters, $"adjust_conv_projection_{id}", $"adjust_bn_{id}");
        }

        // One path takes the even places and one the odd places, so that none is lost.
        var p = g.Activate(previous, ActivationKind.Relu, $"adjust_relu_1_{id}");
        var even = g.AvgPool(p, 1, 2, name: $"adjust_avg_pool_1_{id}");
        even = g.Add(Convolution(filters / 2, 1), $"adjust_conv_1_{id}", even);
        var odd = g.Pad(p, new Edges(0, 1, 0, 1));
        odd = g.Add(new Cropping2D(new Edges(1, 0, 1, 0)), null, odd);
        odd = g.AvgPool(odd, 1, 2, name: $"adjust_avg_pool_2_{id}");
        odd = g.Add(Convolution(filters / 2, 1), $"adjust_conv_2_{id}", odd);
        return g.Add(Norm, $"adjust_bn_{id}", Join(g, null, even, odd));
    }

    private static Layer Squeeze(GraphBuilder g, Layer x, int filters, string convolutionName, string normName) =>
        g.ConvBlock(g.Activate(x, ActivationKind.Relu), Convolution(filters, 1), Norm, null, new(convolutionName, normName, null));

    /// <summary>Writes two separable convolutions, each after a ReLU. The first has the stride.</summary>
    private static Layer Separable(GraphBuilder g, Layer x, int filters, Extent kernel, int stride, string id)
    {
        x = g.Activate(x, ActivationKind.Relu);
        if (stride > 1)
            x = g.PadForStride(x, kernel, $"separable_conv_1_pad_{id}");
        x = Convolve(x, stride, stride > 1 ? Valid : Same, part: 1);
        x = g.Activate(x, ActivationKind.Relu);
        return Convolve(x, 1, Same, part: 2);

        Layer Convolve(Layer x, int stride, Padding padding, int part) => g.ConvBlock(
            x, new SeparableConv2D(filters, kernel, stride, padding) { UseBias = false }, Norm, null,
            new($"separable_conv_{part}_{id}", $"separable_conv_{part}_bn_{id}", null));
    }

    private static Layer Join(GraphBuilder g, string? name, params ReadOnlySpan<Layer> branches) =>
        g.Add(new Concatenate(), name, branches);

    private static Conv2D Convolution(int filters, Extent kernel, int stride = 1, Padding padding = Same) =>
        new(filters, kernel, stride, padding) { UseBias = false, KernelInitializer = Initializer.HeNormal };
}

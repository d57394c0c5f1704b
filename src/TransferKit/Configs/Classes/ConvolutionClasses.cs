using System.Collections.Immutable;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Classes;

internal static class ConvolutionClasses
{
    public static ImmutableArray<LayerClass> All { get; } =
    [
        LayerClass.Of("Conv2D", c => new Conv2D(Filters(c), c.Extent("kernel_size"), c.Extent("strides", 1), c.Padding())
        {
            Activation =
                c.Activation(), UseBias = c.Flag("use_bias", true), Dilation = c.Extent("dilation_rate", 1), Groups = c.Count("groups", 1),
        }),
        LayerClass.Of("DepthwiseConv2D", c => new DepthwiseConv2D(Kernel(c), c.Extent("strides", 1), c.Padding())
        {
            DepthMultiplier = c.Count("depth_multiplier", 1), Activation = c.Activation(), UseBias = c.Flag("use_bias", true),
            Dilation = c.Extent("dilation_rate", 1),
        }),
        LayerClass.Of("SeparableConv2D", c => new SeparableConv2D(
            Ungrouped(c), c.Extent("kernel_size"), c.Extent("strides", 1), c.Padding())
        {
            DepthMultiplier = c.Count("depth_multiplier", 1), Activation = c.Activation(), UseBias = c.Flag("use_bias", true),
            Dilation = c.Extent("dilation_rate", 1),
        }),
        LayerClass.Of("Conv2DTranspose", c => new Conv2DTranspose(
            Ungrouped(c), c.Extent("kernel_size"), c.Extent("strides", 1), c.Padding())
        {
            OutputPadding = c.Ints("output_padding") switch
            {
                null => null,
                [var both] => (both, both),
                [var height, var width] => (height, width),
                _ => throw LayerConfig.Wrong("output_padding", c.Find("output_padding"), "one or two numbers"),
            },
            Activation = c.Activation(), UseBias = c.Flag("use_bias", true), Dilation = c.Extent("dilation_rate", 1),
        }),
    ];

    private static int Filters(LayerConfig c)
    {
        c.ChannelsLast();
        return c.Count("filters");
    }

    // Keras 2 writes groups for these too, always 1.
    private static int Ungrouped(LayerConfig c) => c.Count("groups", 1) == 1
        ? Filters(c)
        : throw new ConfigException("has several groups, which is not supported.");

    // A depthwise layer also has entries of convolutions that it does not use.
    private static Extent Kernel(LayerConfig c)
    {
        c.ChannelsLast();
        c.Ignore("filters", "groups");
        return c.Extent("kernel_size");
    }
}

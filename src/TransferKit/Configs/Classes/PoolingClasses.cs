using System.Collections.Immutable;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Classes;

internal static class PoolingClasses
{
    public static ImmutableArray<LayerClass> All { get; } =
    [
        LayerClass.Of("MaxPooling2D", c => new MaxPooling2D(Pool(c), Strides(c), c.Padding())),
        LayerClass.Of("AveragePooling2D", c => new AveragePooling2D(Pool(c), Strides(c), c.Padding())),
        LayerClass.Of("GlobalAveragePooling2D", c => new GlobalAveragePooling2D { KeepDims = KeepDims(c) }),
        LayerClass.Of("GlobalMaxPooling2D", c => new GlobalMaxPooling2D { KeepDims = KeepDims(c) }),
    ];

    private static Extent Pool(LayerConfig c)
    {
        c.ChannelsLast();
        return c.Extent("pool_size", 2);
    }

    private static Extent Strides(LayerConfig c) => c.Extent("strides", Pool(c));

    private static bool KeepDims(LayerConfig c)
    {
        c.ChannelsLast();
        return c.Flag("keepdims", false);
    }
}

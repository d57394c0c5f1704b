using System.Collections.Immutable;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Classes;

internal static class DenseClasses
{
    public static ImmutableArray<LayerClass> All { get; } =
    [
        LayerClass.Of("Dense", c => new Dense(c.Count("units"))
        {
            Activation = c.Activation(), UseBias = c.Flag("use_bias", true),
        }),
    ];
}

using System.Collections.Immutable;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Classes;

internal static class ActivationClasses
{
    public static ImmutableArray<LayerClass> All { get; } =
    [
        LayerClass.Of("Activation", c => new Activation(c.Activation())),
        LayerClass.Of("ReLU", c => new ReLU(c.NumberOrNull("max_value"))
        {
            NegativeSlope = c.Number("negative_slope", 0), Threshold = c.Number("threshold", 0),
        }),
        LayerClass.Of("LeakyReLU", c => new LeakyReLU(c.NumberOrNull("negative_slope") ?? c.Number("alpha", 0.3))),
        LayerClass.Of("ELU", c => new ELU(c.Number("alpha", 1))),
        LayerClass.Of("ThresholdedReLU", c => new ThresholdedReLU(c.Number("theta", 1))),
        LayerClass.Of("Softmax", c =>
        {
            c.ChannelAxis();
            return new Softmax();
        }),
        LayerClass.Of("PReLU", c => new PReLU { SharedAxes = SharedAxes(c) }),
    ];

    private static ImmutableArray<int> SharedAxes(LayerConfig c) => c.Ints("shared_axes") switch
    {
        null => [],
        { } axes when axes.All(a => a >= 1 && a <= c.Input.Dimensions.Length) => axes,
        { } axes => throw new ConfigException($"shares axes [{string.Join(", ", axes)}] of {c.Input}, which has no such axes."),
    };
}

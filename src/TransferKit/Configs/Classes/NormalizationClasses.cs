using System.Collections.Immutable;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Classes;

internal static class NormalizationClasses
{
    public static ImmutableArray<LayerClass> All { get; } =
    [
        // Keras 2's SyncBatchNormalization, V1 and V2 differ in training only.
        .. ((string[])["BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization"])
            .Select(name => LayerClass.Of(name, Batch)),
        LayerClass.Of("LayerNormalization", c => new LayerNormalization
        {
            Epsilon = Checked(c).Number("epsilon", 1e-3), Scale = c.Flag("scale", true), Center = c.Flag("center", true),
        }),
        LayerClass.Of("GroupNormalization", c => new GroupNormalization(
            c.Int("groups", 32) is -1 ? c.Input.Channels : c.Count("groups", 32))
        {
            Epsilon = Checked(c).Number("epsilon", 1e-3), Scale = c.Flag("scale", true), Center = c.Flag("center", true),
        }),
        LayerClass.Of("UnitNormalization", c =>
        {
            c.ChannelAxis();
            return new UnitNormalization();
        }),
        LayerClass.Of("LayerScale", c => c.Count("projection_dim", c.Input.Channels) == c.Input.Channels
            ? new LayerScale(c.Number("init_values"))
            : throw new ConfigException($"has projection_dim {c.Int("projection_dim")} on {c.Input.Channels} channels.")),
    ];

    private static BatchNormalization Batch(LayerConfig c)
    {
        c.ChannelAxis();
        // Renormalisation differs from batch normalisation in training only.
        c.Ignore("renorm", "renorm_clipping", "fused", "virtual_batch_size", "synchronized", "mode");
        return new()
        {
            Momentum = c.Number("momentum", 0.99),
            Epsilon = c.Number("epsilon", 1e-3),
            Scale = c.Flag("scale", true),
            Center = c.Flag("center", true),
        };
    }

    private static LayerConfig Checked(LayerConfig c)
    {
        c.ChannelAxis();
        c.Only("rms_scaling", false);
        return c;
    }
}

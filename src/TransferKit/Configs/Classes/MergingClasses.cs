using System.Collections.Immutable;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Classes;

internal static class MergingClasses
{
    public static ImmutableArray<LayerClass> All { get; } =
    [
        LayerClass.Merging("Add", _ => new Add()),
        LayerClass.Merging("Subtract", c => c.Inputs.Length == 2 ? new Subtract() : throw new ConfigException("takes two inputs.")),
        LayerClass.Merging("Multiply", _ => new Multiply()),
        LayerClass.Merging("Average", _ => new Average()),
        LayerClass.Merging("Maximum", _ => new Maximum()),
        LayerClass.Merging("Minimum", _ => new Minimum()),
        LayerClass.Merging("Concatenate", c =>
        {
            c.ChannelAxis();
            return new Concatenate(c.Int("axis", -1));
        }),
        LayerClass.Merging("CustomScaleLayer", c => c.Inputs.Length == 2
            ? new CustomScaleLayer(c.Number("scale"))
            : throw new ConfigException("takes two inputs.")),
        LayerClass.Merging("Dot",
            c => c.Inputs.Length == 2 && c.Inputs.All(i => !i.IsMap) && c.Ints("axes") is [1 or -1] or [1 or -1, 1 or -1]
            ? new Dot { Normalize = c.Flag("normalize", false) }
            : throw new ConfigException("takes two vectors with axes 1; other products are not supported.")),
    ];
}

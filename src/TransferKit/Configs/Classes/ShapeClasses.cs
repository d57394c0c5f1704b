using System.Collections.Immutable;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Classes;

internal static class ShapeClasses
{
    public static ImmutableArray<LayerClass> All { get; } =
    [
        LayerClass.Of("Identity", _ => new PassThrough("Identity")),
        LayerClass.Of("Flatten", c =>
        {
            c.ChannelsLast();
            return new Flatten();
        }),
        LayerClass.Of(
            "Reshape",
            c => new Reshape(Target(c.Input, c.Ints("target_shape") ?? throw LayerConfig.Wrong("target_shape", null, "a shape")))),
        LayerClass.Of("Permute", c => c.Ints("dims") is { } dims && dims.Order().SequenceEqual(
            Enumerable.Range(1, c.Input.Dimensions.Length))
            ? new Permute(dims)
            : throw LayerConfig.Wrong("dims", c.Find("dims"), $"an order of the {c.Input.Dimensions.Length} dimensions of {c.Input}")),
        LayerClass.Of("ZeroPadding2D", c => new ZeroPadding2D(Edges(c, "padding"))),
        LayerClass.Of("Cropping2D", c => new Cropping2D(Edges(c, "cropping"))),
        LayerClass.Of("UpSampling2D", c =>
        {
            c.ChannelsLast();
            return new UpSampling2D(c.Extent("size", 2)) { Interpolation = Resizings.Read(c.Text("interpolation", "nearest")) };
        }),
    ];

    /// <summary>Resolves a target shape, in which one dimension may be -1.</summary>
    public static Shape Target(Shape input, ImmutableArray<int> dimensions)
    {
        var known = dimensions.Where(d => d != -1).Aggregate(1L, (product, d) => checked(product * d));
        if (dimensions.Count(d => d == -1) is > 1 || dimensions.Any(d => d is < 1 and not -1) || known == 0 || known > input.Count)
            throw new ConfigException($"reshapes {input} to ({string.Join(", ", dimensions)}), which does not fit.");
        int[] resolved = [.. dimensions.Select(d => d == -1 ? (int)(input.Count / known) : d)];
        return resolved switch
        {
            [var width] => Shape.Vector(width),
            [var height, var width, var channels] => Shape.Map(height, width, channels),
            _ => throw new ConfigException($"makes arrays of {resolved.Length} dimensions ({string.Join(", ", resolved)}); "
                + "TransferKit's layers take maps (height, width, channels) and vectors."),
        };
    }

    private static Edges Edges(LayerConfig c, string key)
    {
        c.ChannelsLast();
        return c.Edges(key);
    }
}

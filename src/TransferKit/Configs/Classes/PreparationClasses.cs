using System.Collections.Immutable;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Classes;

/// <summary>Lists the layers that prepare pictures inside a model.</summary>
internal static class PreparationClasses
{
    public static ImmutableArray<LayerClass> All { get; } =
    [
        LayerClass.Of("Rescaling", Rescaling),
        LayerClass.Of("Normalization", Normalization),
        LayerClass.Of("Resizing", c =>
        {
            c.ChannelsLast();
            c.Only("crop_to_aspect_ratio", false);
            c.Only("pad_to_aspect_ratio", false);
            c.Only("antialias", false);
            c.Ignore("fill_mode", "fill_value");
            return new Resizing(c.Count("height"), c.Count("width"))
                { Interpolation = Resizings.Read(c.Text("interpolation", "bilinear")) };
        }),
        LayerClass.Of("CenterCrop", c =>
        {
            c.ChannelsLast();
            var (height, width) = (c.Count("height"), c.Count("width"));
            return height <= c.Input.Height && width <= c.Input.Width
                ? new CenterCrop(height, width)
                : throw new ConfigException($"crops {c.Input} to {height}x{width}, which is larger; TransferKit does not resize here.");
        }),
    ];

    private static Rescaling Rescaling(LayerConfig c)
    {
        var (scale, offset) = (c.Numbers("scale") ?? [1], c.Numbers("offset") ?? [0]);
        if (scale.Length != 1 && scale.Length != c.Input.Channels)
            throw new ConfigException($"has {scale.Length} scales for {c.Input.Channels} channels.");
        if (offset.Length != 1 && offset.Length != c.Input.Channels)
            throw new ConfigException($"has {offset.Length} offsets for {c.Input.Channels} channels.");
        return new(scale, offset);
    }

    private static Normalization Normalization(LayerConfig c)
    {
        c.ChannelAxis();
        c.Only("invert", false);
        var (mean, variance) = (c.Numbers("mean"), c.Numbers("variance"));
        if (mean is null != variance is null)
            throw new ConfigException("has a mean or a variance, but not both.");
        return new(OfChannels(c, mean), OfChannels(c, variance));
    }

    private static ImmutableArray<double>? OfChannels(LayerConfig c, ImmutableArray<double>? values) => values switch
    {
        null => null,
        [var one] => [.. Enumerable.Repeat(one, c.Input.Channels)],
        { } several when several.Length == c.Input.Channels => several,
        { } other => throw new ConfigException($"has {other.Length} means or variances for {c.Input.Channels} channels."),
    };
}

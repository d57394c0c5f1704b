using System.Globalization;

namespace TransferKit.Cli;

/// <summary>Chooses the backbone that extracted features, by their stamp.</summary>
internal static class StampedBackbone
{
    /// <summary>Returns options with what a stamp states.</summary>
    /// <param name="options">The options that the stamp does not determine: the weights.</param>
    /// <param name="stamp">The stamp.</param>
    public static BackboneOptions With(BackboneOptions options, IReadOnlyDictionary<string, string> stamp) => options with
    {
        Alpha = Number("alpha", stamp),
        DepthMultiplier = (int?)Number("depth_multiplier", stamp),
        InputSize = stamp.TryGetValue("input_size", out var size) && ImageSize.TryParse(size, null, out var parsed) ? parsed : null,
        IncludeTop = stamp.GetValueOrDefault("include_top") == "true",
        Minimalistic = stamp.TryGetValue("minimalistic", out var minimalistic) ? minimalistic == "true" : null,
        IncludePreprocessing = stamp.TryGetValue("include_preprocessing", out var preprocessing) ? preprocessing == "true" : null,
        Pooling = Value("pooling", stamp, Pooling.Avg),
        Images = Images(stamp),
    };

    private static ImageLoadOptions Images(IReadOnlyDictionary<string, string> stamp)
    {
        var images = new ImageLoadOptions
        {
            Resize = Value("resize", stamp, ResizeMethod.LoadImg),
            AspectRatio = Value("aspect_ratio", stamp, AspectRatio.Stretch),
            ColorMode = Value("color_mode", stamp, ColorMode.Rgb),
            Decode = new()
            {
                ApplyExifOrientation = stamp.GetValueOrDefault("exif_orientation") == "true",
                Draft = stamp.GetValueOrDefault("draft") == "true",
            },
        };
        return images with { Interpolation = Value("interpolation", stamp, images.Interpolation) };
    }

    private static double? Number(string name, IReadOnlyDictionary<string, string> stamp) =>
        double.TryParse(stamp.GetValueOrDefault(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static T Value<T>(string name, IReadOnlyDictionary<string, string> stamp, T otherwise)
        where T : struct, Enum =>
        Enum.TryParse<T>(stamp.GetValueOrDefault(name), ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : otherwise;
}

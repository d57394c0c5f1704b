using System.Globalization;

namespace TransferKit.Features;

/// <summary>Lists all that determines features: the backbone, its weights, and how pictures are prepared.</summary>
internal static class FeatureStamp
{
    public static SortedDictionary<string, string> Of(IBackbone backbone, ImageLoadOptions images)
    {
        var (output, decode) = (backbone.Outputs[0], images.DecodeAsInTraining);
        var stamp = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["backbone"] = backbone.Name,
            ["layer"] = output.Layer,
            ["input_size"] = backbone.InputSize.ToString(),
            ["preprocess"] = Text(backbone.Preprocess),
            ["resize"] = Text(images.Resize),
            ["aspect_ratio"] = Text(images.AspectRatio),
            ["color_mode"] = Text(images.ColorMode),
            ["interpolation"] = Text(images.Interpolation),
            ["decoder"] = images.Decoder.GetType().Name,
            ["exif_orientation"] = Text(decode.ApplyExifOrientation),
            ["dct_method"] = Text(decode.DctMethod ?? DctMethod.IntegerAccurate),
            ["strict"] = Text(decode.Strict),
            ["draft"] = Text(decode.Draft),
            ["max_pixels"] = Text(decode.MaxPixels),
            ["max_bytes"] = Text(decode.MaxBytes),
            ["max_scans"] = Text(decode.MaxScans),
            ["timeout"] = Text(decode.Timeout?.TotalSeconds ?? 0),
        };
        // Sets of earlier versions do not have this entry, and stay valid.
        if (images.CropFrom is { } crop)
            stamp["crop_from"] = crop.ToString();
        // A backbone that states no identity is known by its type and name alone.
        if (backbone.GetService(typeof(BackboneIdentity)) is BackboneIdentity identity)
        {
            foreach (var (name, value) in identity.Options)
                stamp[name] = value;
            stamp["weights"] = identity.Weights;
        }
        else
        {
            stamp["backbone_type"] = backbone.GetType().Name;
        }
        return stamp;
    }

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!.ToLowerInvariant();
}

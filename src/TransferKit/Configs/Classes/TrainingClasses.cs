using System.Collections.Immutable;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Classes;

/// <summary>
/// Lists the layers that only training changes: dropouts, noise, and random augmentation. In inference they pass their input through.
/// </summary>
internal static class TrainingClasses
{
    private static readonly string[] Augmentations =
    [
        "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness", "RandomHeight",
        "RandomWidth",
        "RandomShear", "RandomHue", "RandomSaturation", "RandomGrayscale", "RandomInvert", "RandomPosterization", "RandomSharpness",
        "RandomColorDegeneration", "RandomColorJitter", "RandomErasing", "RandomElasticTransform", "RandomGaussianBlur",
        "RandomPerspective",
        "RandAugment", "AugMix", "CutMix", "MixUp",
    ];

    public static ImmutableArray<LayerClass> All { get; } =
    [
        LayerClass.Of("Dropout", Dropout),
        LayerClass.Of("SpatialDropout2D", c => Passing(c, "SpatialDropout2D", "rate")),
        LayerClass.Of("GaussianDropout", c => Passing(c, "GaussianDropout", "rate")),
        LayerClass.Of("AlphaDropout", c => Passing(c, "AlphaDropout", "rate", "noise_shape")),
        LayerClass.Of("GaussianNoise", c => Passing(c, "GaussianNoise", "stddev")),
        LayerClass.Of("ActivityRegularization", c => Passing(c, "ActivityRegularization", "l1", "l2")),
        .. Augmentations.Select(name => LayerClass.Of(name, c => Passing(c, name,
            "mode", "factor", "fill_mode", "fill_value", "interpolation", "height_factor", "width_factor", "scale", "x_factor", "y_factor",
            "num_ops", "magnitude", "rate", "color_channels", "num_chains", "chain_depth", "alpha", "all_ops", "iterations",
            "brightness_factor", "contrast_factor", "saturation_factor", "hue_factor", "kernel_size", "sigma", "num_samples"))),
    ];

    private static Dropout Dropout(LayerConfig c)
    {
        // ConvNeXt and EfficientNet drop whole samples: noise_shape is (None, 1, 1, 1).
        var noise = c.Find("noise_shape");
        return new(c.Number("rate"))
        { PerSample = noise is { } n && ConfigArray.Items("noise_shape", n).Skip(1).All(i => i.ToString() == "1") };
    }

    // Their settings matter in training only, so all of them are allowed.
    private static PassThrough Passing(LayerConfig c, string name, params ReadOnlySpan<string> settings)
    {
        c.Ignore(settings);
        return new(name);
    }
}

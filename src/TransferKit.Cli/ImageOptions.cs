using System.CommandLine;
using System.CommandLine.Parsing;

namespace TransferKit.Cli;

/// <summary>Defines the command-line options for the decoding and resizing of images.</summary>
internal sealed class ImageOptions
{
    public Option<ResizeMethod?> Resize { get; } = new("--resize")
    {
        Description = "The Keras function whose pixels the network was trained on: load_img, image_dataset_from_directory or resizing "
            + "(keras.layers.Resizing, tf.image.resize). Defaults to load_img.",
        CustomParser = Parse<ResizeMethod>,
    };

    public Option<Interpolation?> Interpolation { get; } = new("--interpolation")
    {
        Description = "The resize filter. load_img has nearest (the default), box, bilinear, hamming, bicubic and lanczos; "
            + "the others have nearest, bilinear (the default), bicubic, area, lanczos3, lanczos5, gaussian and mitchellcubic.",
        CustomParser = Parse<Interpolation>,
    };

    public Option<AspectRatio?> AspectRatio { get; } = new("--aspect-ratio")
    {
        Description = "For pictures of other proportions: stretch (the default), crop (Keras' crop_to_aspect_ratio, keep_aspect_ratio) or "
            + "pad (pad_to_aspect_ratio).",
        CustomParser = Parse<AspectRatio>,
    };

    public Option<ColorMode?> ColorMode { get; } = new("--color-mode")
    {
        Description = "The colours: rgb (the default) or grayscale, which is repeated in all three channels.",
        CustomParser = Parse<ColorMode>,
    };

    public Option<DctMethod?> DctMethod { get; } = new("--dct-method")
    {
        Description = "The transform of JPEGs: integer_accurate (Pillow's) or integer_fast (TensorFlow's). Defaults to that of --resize.",
        CustomParser = Parse<DctMethod>,
    };

    public Option<bool> ExifOrientation { get; } = new("--exif-orientation")
    {
        Description = "Rotate photos by their EXIF orientation, which Keras ignores.",
    };

    public Option<bool> Draft { get; } = new("--draft")
    {
        Description = "Scale large JPEGs down during decoding, as Pillow's draft does: faster, but with other pixels than Keras.",
    };

    /// <summary>Gets the options that keep Keras' pixels, which all commands with images have.</summary>
    public IEnumerable<Option> Exact =>
        GroupedHelp.Under("Pictures", [Resize, Interpolation, AspectRatio, ColorMode, DctMethod, ExifOrientation]);

    /// <summary>Gets all options.</summary>
    public IEnumerable<Option> All => [.. Exact, .. GroupedHelp.Under("Pictures", [Draft])];

    /// <summary>Returns whether the command line says anything about images.</summary>
    public bool AreGiven(ParseResult parsed) => All.Any(o => parsed.GetResult(o) is { Implicit: false });

    /// <exception cref="ArgumentException">The options do not fit each other.</exception>
    public ImageLoadOptions Read(ParseResult parsed)
    {
        var options = new ImageLoadOptions
        {
            Resize = parsed.GetValue(Resize) ?? default,
            AspectRatio = parsed.GetValue(AspectRatio) ?? default,
            ColorMode = parsed.GetValue(ColorMode) ?? default,
            Decode = new()
            {
                DctMethod = parsed.GetValue(DctMethod),
                ApplyExifOrientation = parsed.GetValue(ExifOrientation),
                Draft = parsed.GetValue(Draft),
            },
        };
        return parsed.GetValue(Interpolation) is { } filter ? options with { Interpolation = filter } : options;
    }

    // Keras writes image_dataset_from_directory where C# writes ImageDatasetFromDirectory.
    private static T? Parse<T>(ArgumentResult result)
        where T : struct, Enum
    {
        var text = result.Tokens[0].Value;
        var name = text.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        if (Enum.TryParse<T>(name, ignoreCase: true, out var value) && Enum.GetNames<T>().Contains(name, StringComparer.OrdinalIgnoreCase))
            return value;
        var names = string.Join(", ", Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName));
        result.AddError($"{((OptionResult)result.Parent!).Option.Name} is '{text}'; it must be one of {names}.");
        return null;
    }
}

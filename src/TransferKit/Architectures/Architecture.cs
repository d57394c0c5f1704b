using System.Collections.Immutable;
using System.Globalization;
using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>The facts about one Keras application, and the function that writes its graph.</summary>
internal sealed record Architecture
{
    /// <summary>The model name, which is Keras': <c>vgg16</c>, <c>efficientnet_v2_b0</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The name of Keras' function: <c>VGG16</c>, <c>EfficientNetV2B0</c>.</summary>
    public required string KerasName { get; init; }

    public required Paper Paper { get; init; }

    public PublishedFigures Published { get; init; } = new();

    /// <summary>The licence of the ImageNet weights; null if none is stated.</summary>
    public WeightsLicense? License { get; init; }

    public required ImageSize DefaultSize { get; init; }

    /// <summary>The smallest height and width that Keras accepts.</summary>
    public required int MinSize { get; init; }

    public required PreprocessMode Preprocess { get; init; }

    /// <summary>Writes the layers after the builder's input and returns the output.</summary>
    public required Func<GraphBuilder, BuildOptions, Layer> Write { get; init; }

    /// <summary>The options of this family beyond those that every application has.</summary>
    public FamilyOptions Options { get; init; }

    /// <summary>The widths (Keras: <c>alpha</c>) that have ImageNet weights, 1 among them.</summary>
    public ImmutableArray<double> WeightAlphas { get; init; } = [1];

    /// <summary>The sides of square inputs that have separate ImageNet weights; empty if one file serves all sizes.</summary>
    public ImmutableArray<int> WeightSides { get; init; } = [];

    /// <summary>Whether ImageNet weights with the top accept any input size. Keras fixes the size in most families.</summary>
    public bool TopTakesAnySize { get; init; }

    /// <summary>The input sizes that ImageNet weights with the top accept; empty for any size.</summary>
    public ImmutableArray<ImageSize> SizesWithTop =>
        TopTakesAnySize ? []
        : WeightSides.IsEmpty ? [DefaultSize]
        : [.. WeightSides.Select(side => new ImageSize(side, side))];

    public LayerGraph Build(BuildOptions options)
    {
        var builder = new GraphBuilder(options.InputSize.Height, options.InputSize.Width);
        return new LayerGraph(Name, Write(builder, options));
    }

    /// <summary>The widths that have ImageNet weights with these options. For minimalistic networks, Keras has only width 1.</summary>
    public ImmutableArray<double> AlphasWithWeights(BuildOptions options) => options.Minimalistic == true ? [1] : WeightAlphas;

    /// <summary>
    /// Returns the key of the ImageNet weights for these options in Keras' weight table; null if Keras has none. As in Keras, a size
    /// without weights uses those of the default size.
    /// </summary>
    public string? WeightsKey(BuildOptions options)
    {
        var alpha = options.Alpha ?? 1;
        // Here and in WeightSide the default is compared first: a search through numbers would be compiled at each start.
        if (alpha != 1 && !AlphasWithWeights(options).Contains(alpha) || (options.DepthMultiplier ?? 1) != 1)
            return null;

        var width = alpha.ToString("0.0#", CultureInfo.InvariantCulture);
        if (Options.HasFlag(FamilyOptions.Minimalistic))
            return $"{Name}(alpha={width},minimalistic={options.Minimalistic ?? false})";
        return WeightSides.IsEmpty ? Name : $"{Name}(alpha={width},size={WeightSide(options.InputSize)})";
    }

    private int WeightSide(ImageSize size) =>
        size.Height != DefaultSize.Height && size.Height == size.Width && WeightSides.Contains(size.Height)
            ? size.Height
            : DefaultSize.Height;
}

/// <summary>The options that only some families have.</summary>
[Flags]
internal enum FamilyOptions
{
    None = 0,
    Alpha = 1,
    DepthMultiplier = 2,
    DropoutRate = 4,
    DropConnectRate = 8,
    Minimalistic = 16,
    IncludePreprocessing = 32,
}

using System.Collections.Immutable;
using System.Globalization;
using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>One application of Keras as a row of facts, and the function that writes its graph.</summary>
internal sealed record Architecture
{
    /// <summary>Keras' model name: <c>vgg16</c>, <c>efficientnet_v2_b0</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The name of Keras' function: <c>VGG16</c>, <c>EfficientNetV2B0</c>.</summary>
    public required string KerasName { get; init; }

    public required Paper Paper { get; init; }

    public PublishedFigures Published { get; init; } = new();

    /// <summary>Null where nobody states one.</summary>
    public WeightsLicense? License { get; init; }

    public required ImageSize DefaultSize { get; init; }

    /// <summary>The least height and width that Keras takes.</summary>
    public required int MinSize { get; init; }

    public required PreprocessMode Preprocess { get; init; }

    /// <summary>Writes the layers after the builder's input; returns the output.</summary>
    public required Func<GraphBuilder, BuildOptions, Layer> Write { get; init; }

    /// <summary>The options of this family beyond those that every application has.</summary>
    public FamilyOptions Options { get; init; }

    /// <summary>The widths (Keras: <c>alpha</c>) that have ImageNet weights.</summary>
    public ImmutableArray<double> WeightAlphas { get; init; } = [1];

    /// <summary>The sides of square inputs that have ImageNet weights of their own; empty where one file serves all.</summary>
    public ImmutableArray<int> WeightSides { get; init; } = [];

    /// <summary>Whether ImageNet weights with the top take any input size; Keras has it fixed in most families.</summary>
    public bool TopTakesAnySize { get; init; }

    /// <summary>The input sizes that ImageNet weights with the top are for; empty for any.</summary>
    public ImmutableArray<ImageSize> SizesWithTop =>
        TopTakesAnySize ? []
        : WeightSides.IsEmpty ? [DefaultSize]
        : [.. WeightSides.Select(side => new ImageSize(side, side))];

    public LayerGraph Build(BuildOptions options)
    {
        var builder = new GraphBuilder(options.InputSize.Height, options.InputSize.Width);
        return new LayerGraph(Name, Write(builder, options));
    }

    /// <summary>The widths that have ImageNet weights with these options: Keras has only full ones of minimalistic networks.</summary>
    public ImmutableArray<double> AlphasWithWeights(BuildOptions options) => options.Minimalistic == true ? [1] : WeightAlphas;

    /// <summary>
    /// The key in Keras' weight table of the ImageNet weights for these options; null where Keras has none. A size
    /// without weights of its own takes those of the default size, as in Keras.
    /// </summary>
    public string? WeightsKey(BuildOptions options)
    {
        var alpha = options.Alpha ?? 1;
        if (!AlphasWithWeights(options).Contains(alpha) || (options.DepthMultiplier ?? 1) != 1)
            return null;

        var width = alpha.ToString("0.0#", CultureInfo.InvariantCulture);
        if (Options.HasFlag(FamilyOptions.Minimalistic))
            return $"{Name}(alpha={width},minimalistic={options.Minimalistic ?? false})";
        return WeightSides.IsEmpty ? Name : $"{Name}(alpha={width},size={WeightSide(options.InputSize)})";
    }

    private int WeightSide(ImageSize size) =>
        size.Height == size.Width && WeightSides.Contains(size.Height) ? size.Height : DefaultSize.Height;
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

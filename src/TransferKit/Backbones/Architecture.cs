using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Backbones;

/// <summary>One application of Keras as a row of facts, and the function that writes its graph.</summary>
internal sealed record Architecture
{
    /// <summary>Keras' model name: <c>vgg16</c>, <c>efficientnet_v2_b0</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The name of Keras' function: <c>VGG16</c>, <c>EfficientNetV2B0</c>.</summary>
    public required string KerasName { get; init; }

    public required ImageSize DefaultSize { get; init; }

    /// <summary>The least height and width that Keras takes with the top off.</summary>
    public required int MinSize { get; init; }

    public required PreprocessMode Preprocess { get; init; }

    /// <summary>Writes the layers after the builder's input; returns the output.</summary>
    public required Func<GraphBuilder, BuildOptions, Layer> Write { get; init; }

    /// <summary>The widths (Keras: <c>alpha</c>) that have ImageNet weights; empty where the family has no such option.</summary>
    public ImmutableArray<double> Alphas { get; init; } = [];

    /// <summary>The key in Keras' weight table of the ImageNet weights for these options; null where Keras has none.</summary>
    public Func<BuildOptions, string?>? WeightsKey { get; init; }

    public LayerGraph Build(BuildOptions options)
    {
        var builder = new GraphBuilder(options.InputSize.Height, options.InputSize.Width);
        return new LayerGraph(Name, Write(builder, options));
    }
}

using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Backbones;

/// <summary>Describes a network to the compiler and the engine, without its weights.</summary>
internal interface INetwork
{
    LayerGraph Graph { get; }
    ImmutableArray<Layer> Outputs { get; }
    ImageSize InputSize { get; }
    PreprocessMode Preprocess { get; }

    /// <summary>Gets the name that callers know an output by. Defaults to its layer's.</summary>
    string NameOf(Layer output) => output.Name;

    /// <summary>Gets the default options of images, for <see cref="IBackbone.Images"/>.</summary>
    ImageLoadOptions Images { get; }

    /// <summary>Identifies the graph in the cache of compiled models; null for a network that is never cached.</summary>
    string? Identity { get; }
}

/// <summary>Represents a network that is not exactly an application: with another head, or only its first layers.</summary>
internal sealed record Network(LayerGraph Graph, ImmutableArray<Layer> Outputs, ImageSize InputSize, PreprocessMode Preprocess) : INetwork
{
    public ImageLoadOptions Images { get; init; } = ImageLoadOptions.Default;

    public string? Identity { get; init; }

    /// <summary>Gets the names of outputs that are not known by their layers' names.</summary>
    public IReadOnlyDictionary<Layer, string> Names { get; init; } = ImmutableDictionary<Layer, string>.Empty;

    public string NameOf(Layer output) => Names.GetValueOrDefault(output, output.Name);
}

using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Backbones;

/// <summary>Describes a network to an engine, without its weights.</summary>
internal interface INetwork
{
    LayerGraph Graph { get; }
    ImmutableArray<Layer> Outputs { get; }
    ImageSize InputSize { get; }
    PreprocessMode Preprocess { get; }
}

/// <summary>Represents a network that is not exactly an application: with another head, or only its first layers.</summary>
internal sealed record Network(LayerGraph Graph, ImmutableArray<Layer> Outputs, ImageSize InputSize, PreprocessMode Preprocess) : INetwork;

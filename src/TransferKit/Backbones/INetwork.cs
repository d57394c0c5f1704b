using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Backbones;

/// <summary>What an engine needs to know of a network besides its weights.</summary>
internal interface INetwork
{
    LayerGraph Graph { get; }
    ImmutableArray<Layer> Outputs { get; }
    ImageSize InputSize { get; }
    PreprocessMode Preprocess { get; }
}

/// <summary>A network that no application's name and options describe: with a head of its own, or only its front.</summary>
internal sealed record Network(LayerGraph Graph, ImmutableArray<Layer> Outputs, ImageSize InputSize, PreprocessMode Preprocess) : INetwork;

using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit;

/// <summary>What an engine needs to know of a network besides its weights.</summary>
internal interface INetwork
{
    LayerGraph Graph { get; }
    ImmutableArray<Layer> Outputs { get; }
    ImageSize InputSize { get; }
    PreprocessMode Preprocess { get; }
}

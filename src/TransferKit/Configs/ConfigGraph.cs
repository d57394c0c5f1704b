using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs;

/// <summary>Represents a configuration as a graph, and which layer of the graph each layer of the configuration became.</summary>
/// <param name="Graph">The graph, in which nested models are flattened.</param>
/// <param name="Layers">The first call of each layer of the configuration; the other calls share its weights.</param>
internal sealed record ConfigGraph(LayerGraph Graph, IReadOnlyDictionary<LayerEntry, Layer> Layers);

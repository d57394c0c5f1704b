using System.Collections.Immutable;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs;

/// <summary>Represents a configuration as a graph, and which layer of the graph each layer of the configuration became.</summary>
/// <param name="Graph">The graph, in which nested models are flattened.</param>
/// <param name="Layers">The first call of each layer of the configuration; the other calls share its weights.</param>
/// <param name="Origins">The call that each layer of the graph was read from. The input has none.</param>
/// <param name="Nested">The output of each nested model's first call, by the model's name. Models with several outputs are missing.</param>
internal sealed record ConfigGraph(
    LayerGraph Graph, IReadOnlyDictionary<LayerEntry, Layer> Layers, IReadOnlyDictionary<Layer, LayerOrigin> Origins,
    IReadOnlyDictionary<string, Layer> Nested);

/// <summary>Represents where a layer of a graph was read from.</summary>
/// <param name="Entry">The layer of the configuration.</param>
/// <param name="Call">The call. That of a layer of a sequential model is empty.</param>
/// <param name="Inputs">The layers of the graph that the call reads, in the order of its tensors.</param>
internal sealed record LayerOrigin(LayerEntry Entry, LayerCall Call, ImmutableArray<Layer> Inputs);

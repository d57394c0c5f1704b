using TransferKit.Graph;

namespace TransferKit.Configs;

/// <summary>
/// Gives a model of grey pictures an input of three equal channels, as all pictures here have, of which it reads the first. Its file keeps
/// the input of one channel.
/// </summary>
internal static class GreyInput
{
    /// <summary>Replaces an input of one channel by one of three and the layer that reads the first of them.</summary>
    /// <param name="input">The input of one channel.</param>
    /// <param name="name">The name of the layer that reads the channel.</param>
    public static Layer Of(Layer input, string name)
    {
        var colour = new Layer(input.Name, new InputLayer(input.OutputShape.WithChannels(3)), []);
        return new(name, new GreyChannel(), [colour]);
    }

    /// <summary>Gets the layer that reads the channel; null if the graph takes pictures in colour.</summary>
    public static Layer? Find(LayerGraph graph) => graph.Layers.FirstOrDefault(l => l.Op is GreyChannel);
}

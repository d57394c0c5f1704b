using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.WeightSources;

/// <summary>
/// Supplies the weights of a graph: from a bound file, seeded initializers or arrays. An instance supports one reader at a time.
/// </summary>
internal interface IWeightSource : IDisposable
{
    /// <summary>Gets a key that changes with any weight. It is part of the key of a compiled model.</summary>
    string Fingerprint { get; }

    /// <summary>Gets the layers of the graph that a file bound by name does not name. They keep initial values.</summary>
    ImmutableArray<string> UnboundLayers => [];

    /// <summary>Gets the layers of the file's model that the graph does not have, such as those of a head.</summary>
    ImmutableArray<string> UnusedLayers => [];

    /// <summary>Gets the place of the nested model that the weights come from; null if they come from the file's own model.</summary>
    string? NestedModel => null;

    /// <summary>
    /// Fills <paramref name="destination"/> with the slot's weights from <paramref name="start"/> on, in row-major order of Keras' shape.
    /// Callers read slots larger than 2^31 bytes in pieces, in order.
    /// </summary>
    void Read(Layer layer, WeightSlot slot, long start, Span<float> destination);
}

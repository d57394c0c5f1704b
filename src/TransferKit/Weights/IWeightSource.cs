using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.WeightSources;

/// <summary>
/// Where the numbers of a graph's weights come from: a bound file, seeded initialisers, arrays. Safe for one reader
/// at a time.
/// </summary>
internal interface IWeightSource : IDisposable
{
    /// <summary>Changes whenever any number would: part of the key of a compiled model.</summary>
    string Fingerprint { get; }

    /// <summary>The layers of the graph that a file, bound by name, does not name: they keep initial values.</summary>
    ImmutableArray<string> UnboundLayers => [];

    /// <summary>
    /// Fills <paramref name="destination"/> with the slot's numbers from <paramref name="start"/> on, in row-major order
    /// of Keras' shape. Slots past 2^31 bytes are read piece by piece, in order.
    /// </summary>
    void Read(Layer layer, WeightSlot slot, long start, Span<float> destination);
}

using TransferKit.Graph;
using TransferKit.WeightSources.Files;

namespace TransferKit.WeightSources.Binding;

/// <summary>
/// A weight file that is known by its hash, and parsed and bound only when a number is asked for: a model that is compiled
/// already asks for none.
/// </summary>
/// <param name="name">What to call the file in messages.</param>
/// <param name="file">The file, held open, so that what is read is what was hashed. Taken over.</param>
/// <param name="hash">Its hash.</param>
/// <param name="bind">Binds it to a graph, and takes it over.</param>
internal sealed class DeferredWeights(string name, Stream file, string hash, Func<WeightFile, BoundWeights> bind) : IWeightSource
{
    private BoundWeights? _bound;

    public string Fingerprint => BoundWeights.FingerprintOf(hash);

    /// <exception cref="WeightsFormatException">It is no weight file of Keras.</exception>
    /// <exception cref="WeightsMismatchException">It does not fit the graph.</exception>
    public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination)
    {
        _bound ??= bind(WeightFile.Open(name, file, hash));
        _bound.Read(layer, slot, start, destination);
    }

    public void Dispose()
    {
        _bound?.Dispose();
        file.Dispose();
    }
}

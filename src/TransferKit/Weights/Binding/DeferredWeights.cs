using TransferKit.Graph;
using TransferKit.WeightSources.Files;

namespace TransferKit.WeightSources.Binding;

/// <summary>
/// Parses and binds a weight file on the first read. A compiled model needs only the file's hash, so the file is never parsed for it.
/// </summary>
/// <param name="name">The name of the file in messages.</param>
/// <param name="file">The file, which the new instance owns. It stays open so that the hashed bytes are the ones read.</param>
/// <param name="hash">The file's hash.</param>
/// <param name="bind">Binds the file to a graph; the result owns the file.</param>
internal sealed class DeferredWeights(string name, Stream file, string hash, Func<WeightFile, BoundWeights> bind) : IWeightSource
{
    private BoundWeights? _bound;

    public string Fingerprint => BoundWeights.FingerprintOf(hash);

    /// <exception cref="WeightsFormatException">The file is not a Keras weight file.</exception>
    /// <exception cref="WeightsMismatchException">The file does not fit the graph.</exception>
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

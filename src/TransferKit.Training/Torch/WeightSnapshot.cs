using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Training.Torch;

/// <summary>Represents a copy of all weights of a graph in Keras' layout, to save, export or restore.</summary>
internal sealed class WeightSnapshot : IWeightSource
{
    private readonly IReadOnlyDictionary<string, float[][]> _values;
    private string? _fingerprint;

    /// <summary>Initializes a snapshot from arrays.</summary>
    /// <param name="values">The arrays of each layer by its name, in the order of its slots.</param>
    public WeightSnapshot(IReadOnlyDictionary<string, float[][]> values) => _values = values;

    public string Fingerprint => _fingerprint ??= ComputeFingerprint();

    public IReadOnlyDictionary<string, float[][]> Values => _values;

    public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination) =>
        _values[layer.Name][layer.IndexOf(slot)].AsSpan((int)start, destination.Length).CopyTo(destination);

    public void Dispose() { }

    private string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (layer, arrays) in _values.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(layer));
            foreach (var array in arrays)
                hash.AppendData(MemoryMarshal.AsBytes<float>(array));
        }
        return $"trained:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Analysis.Classifiers;

/// <summary>Supplies the weights of a model's last dense layer.</summary>
/// <param name="kernel">The kernel in Keras' layout: a row of classes for each feature.</param>
/// <param name="bias">The bias of each class.</param>
internal sealed class DenseWeights(float[] kernel, float[] bias) : IWeightSource
{
    public string Fingerprint { get; } = Fingerprinted(kernel, bias);

    /// <summary>Returns the weights whose softmax are a linear classifier's calibrated probabilities.</summary>
    public static DenseWeights Of(LinearScorer scorer, double temperature)
    {
        var (dimensions, classes) = (scorer.Dimensions, scorer.Intercepts.Length);
        var kernel = new float[dimensions * classes];
        for (var c = 0; c < classes; c++)
        {
            for (var d = 0; d < dimensions; d++)
                kernel[d * classes + c] = (float)(scorer.Coefficients[c * dimensions + d] / temperature);
        }
        return new(kernel, Array.ConvertAll(scorer.Intercepts, b => (float)(b / temperature)));
    }

    public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination) =>
        (slot.IsKernel ? kernel : bias).AsSpan((int)start, destination.Length).CopyTo(destination);

    public void Dispose()
    {
    }

    private static string Fingerprinted(float[] kernel, float[] bias)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes<float>(kernel));
        hash.AppendData(MemoryMarshal.AsBytes<float>(bias));
        return $"dense:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}

namespace TransferKit.PublicApi.Tests;

/// <summary>Represents a fast test backbone: its features are the mean red, green and blue of 8 x 8 pixels.</summary>
internal sealed class MeanColour : IBackbone
{
    /// <summary>Gets a callback for the start of every run.</summary>
    public Action Running { get; init; } = () => { };

    public string Name => "mean_colour";

    public ImageSize InputSize => (8, 8);

    public PreprocessMode Preprocess => PreprocessMode.None;

    public IReadOnlyList<BackboneOutput> Outputs { get; } = [new("mean", [3])];

    public FeatureTensor Predict(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default)
    {
        var floats = new float[pixels.Length];
        for (var i = 0; i < pixels.Length; i++)
            floats[i] = pixels[i];
        return Predict(floats, cancellationToken);
    }

    public FeatureTensor Predict(ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default)
    {
        Running();
        const int ImageLength = 8 * 8 * 3;
        var means = new float[pixels.Length / ImageLength * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            // Real backbones refuse such pixels too.
            if (!float.IsFinite(pixels[i]))
                throw new ArgumentException($"Pixel {i} is {pixels[i]}.", nameof(pixels));
            means[i / ImageLength * 3 + i % 3] += pixels[i] / 64f;
        }
        return new([means.Length / 3, 3], means);
    }

    public IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public ModelSummary Summary() => throw new NotSupportedException();

    public void Dispose()
    {
    }
}

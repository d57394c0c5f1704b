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
        Running();
        const int ImageBytes = 8 * 8 * 3;
        var means = new float[pixels.Length / ImageBytes * 3];
        for (var i = 0; i < pixels.Length; i++)
            means[i / ImageBytes * 3 + i % 3] += pixels[i] / 64f;
        return new([means.Length / 3, 3], means);
    }

    public FeatureTensor Predict(ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

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

namespace TransferKit.Training;

/// <summary>Scales the difference of pixels from the mean of their channel (Keras: <c>RandomContrast</c>).</summary>
/// <param name="factor">The largest change of scale: 0.2 scales by 0.8 to 1.2.</param>
public sealed class RandomContrast(double factor) : Augmentation
{
    private readonly double _factor = Checked(factor, 1, nameof(factor));

    /// <inheritdoc/>
    public override string ToString() => $"contrast:{Text(_factor)}";

    internal override void Apply(FloatImage image, Random random)
    {
        var scale = (float)(1 + Uniform(random, -_factor, _factor));
        var pixels = image.Pixels;
        for (var channel = 0; channel < 3; channel++)
        {
            var sum = 0.0;
            for (var i = channel; i < pixels.Length; i += 3)
                sum += pixels[i];
            var mean = (float)(sum / (pixels.Length / 3));
            for (var i = channel; i < pixels.Length; i += 3)
                pixels[i] = Math.Clamp((pixels[i] - mean) * scale + mean, 0, 255);
        }
    }
}

/// <summary>Makes images brighter or darker (Keras: <c>RandomBrightness</c>).</summary>
/// <param name="factor">The largest change as a fraction of the range of pixels: 0.2 adds from -51 to 51.</param>
public sealed class RandomBrightness(double factor) : Augmentation
{
    private readonly double _factor = Checked(factor, 1, nameof(factor));

    /// <inheritdoc/>
    public override string ToString() => $"brightness:{Text(_factor)}";

    internal override void Apply(FloatImage image, Random random)
    {
        var delta = (float)(Uniform(random, -_factor, _factor) * 255);
        var pixels = image.Pixels;
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = Math.Clamp(pixels[i] + delta, 0, 255);
    }
}

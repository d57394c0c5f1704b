using TransferKit.Tests;

namespace TransferKit.Training.Tests;

/// <summary>Compares each augmentation with real Keras' layer, both with their random number fixed.</summary>
public class KerasAugmentationTests
{
    private const int Height = 6, Width = 5;

    [Fact]
    public void Layers_with_a_fixed_random_number_give_Keras_pixels()
    {
        foreach (var expected in TrainingGolden.Load<KerasAugmented>("augmentation.json"))
        {
            var image = new FloatImage(Height, Width, FormulaWeights.Input(1, Height, Width));
            expected.Create().Apply(image, new Fixed(expected.Signs));
            Assert.Equal(expected.Pixels, image.Pixels.Select(p => (double)p), (a, b) => Math.Abs(a - b) < 0.02);
        }
    }

    /// <summary>Draws the lowest or the highest number in turn, so that a layer takes its factor with the sign that is wanted.</summary>
    private sealed class Fixed(bool[] signs) : Random
    {
        private int _next;

        public override double NextDouble() => signs[_next++] ? 1 : 0;
        public override int Next(int maxValue) => maxValue - 1;
    }
}

/// <summary>Represents what a layer of real Keras makes of the formula's image, of six rows and five columns.</summary>
/// <param name="Factors">The random numbers that were drawn, in Keras' units.</param>
internal sealed record KerasAugmented(string Layer, double[] Factors, string Fill, double[] Pixels)
{
    /// <summary>Gets whether each number is the highest of its range.</summary>
    public bool[] Signs => [.. Factors.Select(f => f > 0)];

    public Augmentation Create()
    {
        var fill = Enum.Parse<FillMode>(Fill, ignoreCase: true);
        var sizes = Factors.Select(Math.Abs).ToArray();
        return Layer switch
        {
            "rotation" => new RandomRotation(sizes[0], fill),
            "zoom" => new RandomZoom(sizes[0], sizes.Length > 1 ? sizes[1] : null, fill),
            "translation" => new RandomTranslation(sizes[0], sizes[1], fill),
            "brightness" => new RandomBrightness(sizes[0]),
            "contrast" => new RandomContrast(sizes[0]),
            _ => Augmentation.Parse(Layer).Single(),
        };
    }
}

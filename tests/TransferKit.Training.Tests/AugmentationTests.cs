namespace TransferKit.Training.Tests;

public class AugmentationTests
{
    private const int Height = 6, Width = 8;

    [Fact]
    public void A_flip_mirrors_every_second_image()
    {
        var outcomes = Enumerable.Range(0, 40).Select(seed => Apply(new RandomFlip(FlipMode.Horizontal), seed))
            .Select(p => p.SequenceEqual(Picture()) ? "same" : p.SequenceEqual(Mirrored()) ? "mirrored" : "other");
        Assert.Equal(["mirrored", "same"], outcomes.Distinct().Order());
    }

    [Fact]
    public void No_angle_no_zoom_and_no_shift_change_nothing()
    {
        foreach (var layer in Augmentation.Parse("rotation:0,zoom:0,translation:0,contrast:0,brightness:0"))
            Assert.Equal(Picture(), Apply(layer, 1), (a, b) => Math.Abs(a - b) < 1e-3);
    }

    [Fact]
    public void A_quarter_turn_moves_rows_to_columns()
    {
        // A quarter turn about the middle of a square has cosine 0 and sine 1.
        var pixels = Enumerable.Range(0, 4 * 4 * 3).Select(i => (float)i).ToArray();
        var image = new FloatImage(4, 4, [.. pixels]);
        image.Transform(0, -1, 3, 1, 0, 0, FillMode.Constant);
        for (var y = 0; y < 4; y++)
        {
            for (var x = 0; x < 4; x++)
                Assert.Equal(pixels[(x * 4 + (3 - y)) * 3], image.Pixels[(y * 4 + x) * 3]);
        }
    }

    [Theory]
    [InlineData(FillMode.Reflect, new[] { 2f, 1, 1, 2, 3 })]
    [InlineData(FillMode.Nearest, new[] { 1f, 1, 1, 2, 3 })]
    [InlineData(FillMode.Wrap, new[] { 4f, 5, 1, 2, 3 })]
    [InlineData(FillMode.Constant, new[] { 0f, 0, 1, 2, 3 })]
    public void A_shift_fills_as_Keras_fill_mode_says(FillMode fill, float[] expected)
    {
        var image = new FloatImage(1, 5, [.. new[] { 1f, 2, 3, 4, 5 }.SelectMany(v => new[] { v, v, v })]);
        image.Transform(1, 0, -2, 0, 1, 0, fill);
        Assert.Equal(expected, image.Pixels.Where((_, i) => i % 3 == 0));
    }

    [Fact]
    public void Brightness_adds_the_same_to_all_and_contrast_keeps_the_mean()
    {
        var brighter = Apply(new RandomBrightness(0.1), 3);
        var added = brighter.Zip(Picture(), (a, b) => a - b).ToArray();
        Assert.All(added, a => Assert.Equal(added[0], a, 1e-3));
        Assert.InRange(Math.Abs(added[0]), 1e-3, 25.5);
        Assert.Equal(Picture().Average(), Apply(new RandomContrast(0.2), 3).Average(), 1e-2);
    }

    [Theory]
    [InlineData("spin:0.1")]
    [InlineData("rotation")]
    [InlineData("flip:sideways")]
    [InlineData("zoom:much")]
    public void What_is_no_augmentation_is_refused(string text) => Assert.Throws<FormatException>(() => Augmentation.Parse(text));

    private static float[] Apply(Augmentation layer, int seed)
    {
        var image = new FloatImage(Height, Width, Picture());
        layer.Apply(image, new Random(seed));
        return image.Pixels;
    }

    private static float[] Picture() => [.. Enumerable.Range(0, Height * Width * 3).Select(i => 60 + i % 97f)];

    private static float[] Mirrored()
    {
        var picture = Picture();
        return
        [
            .. Enumerable.Range(0, picture.Length).Select(
                i => picture[(i / 3 / Width * Width + (Width - 1 - i / 3 % Width)) * 3 + i % 3]),
        ];
    }
}

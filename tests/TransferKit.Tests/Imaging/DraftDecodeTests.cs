using SkiaSharp;

namespace TransferKit.Tests.Imaging;

public class DraftDecodeTests
{
    private static readonly ImageLoadOptions Exact = new() { Interpolation = Interpolation.Bicubic };
    private static readonly ImageLoadOptions Draft = new() { Interpolation = Interpolation.Bicubic, Decode = new() { Draft = true } };

    [Theory]
    [InlineData("rocket.jpg", 96, 96)]
    [InlineData("retina.jpg", 224, 224)]
    [InlineData("grace_hopper.jpg", 50, 33)] // Odd sizes.
    [InlineData("made_gray.jpg", 64, 64)]
    [InlineData("made_cmyk.jpg", 64, 64)]
    [InlineData("made_progressive_444.jpg", 64, 64)]
    public void A_jpeg_scaled_while_it_is_decoded_is_close_to_the_exact_pixels(string name, int height, int width)
    {
        var (exact, draft) = (Load(Exact, name, height, width), Load(Draft, name, height, width));

        Assert.NotEqual(exact, draft);
        Assert.InRange(exact.Zip(draft, (a, b) => Math.Abs(a - b)).Average(), 0, 4);
    }

    [Theory]
    [InlineData("chelsea.png")]
    [InlineData("made.webp")]
    [InlineData("made.bmp")]
    [InlineData("made_alpha.png")]
    public void Other_formats_are_decoded_exactly(string name) =>
        Assert.Equal(Load(Exact, name, 32, 32), Load(Draft, name, 32, 32));

    [Fact]
    public void A_jpeg_that_is_not_large_enough_to_be_scaled_is_decoded_exactly() =>
        Assert.Equal(Load(Exact, "rocket.jpg", 427, 640), Load(Draft, "rocket.jpg", 427, 640));

    [Fact]
    public void Nothing_is_scaled_by_default_nor_where_no_size_is_wanted()
    {
        Assert.False(new ImageDecodeOptions().Draft);
        Assert.False(new ImageLoadOptions().Decode.Draft);
        var bytes = GoldenImage.Of("rocket.jpg").Bytes();
        Assert.Equal(
            GoldenImage.Sha256(GoldenImage.Of("rocket.jpg").Decode()),
            GoldenImage.Sha256(new SkiaImageDecoder().Decode(bytes, null, new() { Draft = true })));
    }

    [Theory]
    [InlineData(96, 64)]
    [InlineData(64, 96)]
    public void A_turned_jpeg_is_scaled_to_cover_what_is_wanted_when_it_is_upright(int height, int width)
    {
        var options =
            new ImageLoadOptions { Interpolation = Interpolation.Bicubic, Decode = new() { ApplyExifOrientation = true, Draft = true } };
        var exact = new ImageLoadOptions { Interpolation = Interpolation.Bicubic, Decode = new() { ApplyExifOrientation = true } };

        Assert.InRange(
            Load(exact, "made_exif_orientation_6.jpg", height, width)
                .Zip(Load(options, "made_exif_orientation_6.jpg", height, width), (a, b) => Math.Abs(a - b)).Average(), 0.01, 4);
    }

    [Fact]
    public void A_cut_off_jpeg_is_refused_when_scaled_too() =>
        Assert.Equal(
            ImageDecodeError.Truncated, Assert.Throws<ImageDecodeException>(() => Load(Draft, "made_cut_in_half.jpg", 32, 32)).Reason);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3001)]
    [InlineData(3001, 7)]
    [InlineData(1023, 17)]
    public void Jpegs_of_any_shape_are_decoded_in_bands_as_they_are_whole(int width, int height)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var i = 0; i < width * height; i++)
            bitmap.SetPixel(i % width, i / width, new SKColor((byte)i, (byte)(i / 3), (byte)(i / 7)));
        using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        using var whole = SKBitmap.Decode(jpeg, new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));

        var image = new SkiaImageDecoder().Decode(jpeg.AsSpan(), null, new());

        Assert.Equal(whole.Pixels.SelectMany(p => new[] { p.Red, p.Green, p.Blue }), image.Pixels.ToArray());
    }

    private static byte[] Load(ImageLoadOptions options, string name, int height, int width) =>
        options.FittingTo(new(height, width)).Load(Goldens.Path("images", name));
}

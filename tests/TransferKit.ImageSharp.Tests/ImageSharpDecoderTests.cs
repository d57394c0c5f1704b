using TransferKit.Tests;

namespace TransferKit.ImageSharp.Tests;

public class ImageSharpDecoderTests
{
    private static readonly ImageSharpDecoder Decoder = new();
    private static readonly string Jpeg = Goldens.Path("images", "rocket.jpg");

    [Theory]
    [InlineData("images", "coffee.png"), InlineData("images", "palette_color.png"), InlineData("images", "made_alpha.png")]
    [InlineData("images", "made.bmp"), InlineData("pictures", "bmp_8.bmp"), InlineData("pictures", "gif_plain.gif")]
    [InlineData("pictures", "gif_two_frames.gif"), InlineData("images", "made.webp"), InlineData("images", "camera.png")]
    public void Its_pixels_are_those_of_the_default_decoder(string folder, string file)
    {
        var path = Goldens.Path(folder, file);

        var (expected, actual) = (RgbImage.Load(path), RgbImage.Load(path, decoder: Decoder));

        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        Assert.True(expected.Pixels.Span.SequenceEqual(actual.Pixels.Span));
    }

    [Fact]
    public void The_pixels_of_a_JPEG_are_near_those_of_the_default_decoder()
    {
        var (expected, actual) = (RgbImage.Load(Jpeg).Pixels.ToArray(), RgbImage.Load(Jpeg, decoder: Decoder).Pixels.ToArray());

        Assert.Equal(expected.Length, actual.Length);
        Assert.InRange(expected.Zip(actual, (e, a) => Math.Abs(e - a)).Average(), 0, 1);
    }

    [Fact]
    public void An_upright_picture_is_turned_as_by_the_default_decoder()
    {
        var path = Goldens.Path("images", "made_exif_orientation_6.jpg");
        var upright = new ImageDecodeOptions { ApplyExifOrientation = true };

        var (lying, standing) = (RgbImage.Load(path, decoder: Decoder), RgbImage.Load(path, upright, Decoder));

        Assert.Equal((lying.Height, lying.Width), (standing.Width, standing.Height));
        Assert.Equal((standing.Width, standing.Height), (RgbImage.Load(path, upright).Width, RgbImage.Load(path, upright).Height));
    }

    [Theory]
    [InlineData("made_empty.jpg", ImageDecodeError.Empty), InlineData("made_not_an_image.jpg", ImageDecodeError.NotAnImage)]
    [InlineData("made_cut_in_half.jpg", ImageDecodeError.Truncated), InlineData("multipage.tif", ImageDecodeError.NotAnImage)]
    public void What_it_cannot_decode_faithfully_is_refused(string file, ImageDecodeError reason) =>
        Assert.Equal(reason, Refused(Goldens.Path("images", file), new()).Reason);

    [Fact]
    public void A_JPEG_that_is_cut_anywhere_is_refused()
    {
        var whole = File.ReadAllBytes(Jpeg);
        var random = new Random(5);
        for (var i = 0; i < 60; i++)
        {
            var cut = whole[..random.Next(1, whole.Length - 1)];
            var error = Assert.Throws<ImageDecodeException>(() => Decoder.Decode(cut, "cut.jpg", new()));
            Assert.True(error.Reason is ImageDecodeError.Truncated or ImageDecodeError.NotAnImage, $"{cut.Length}: {error.Message}");
        }
        Assert.NotNull(Decoder.Decode(whole, null, new()));
    }

    [Fact]
    public void Limits_are_those_of_the_options()
    {
        var scans = RgbImage.Load(Goldens.Path("images", "made_progressive_444.jpg"), decoder: Decoder);
        Assert.True(scans.Width > 1);

        Assert.Contains("MaxPixels", Refused(Jpeg, new() { MaxPixels = 100 }).Message, StringComparison.Ordinal);
        Assert.Contains("MaxBytes", RefusedBytes(Jpeg, new() { MaxBytes = 100 }).Message, StringComparison.Ordinal);
        Assert.Contains(
            "MaxScans", Refused(Goldens.Path("images", "made_progressive_444.jpg"), new() { MaxScans = 2 }).Message,
            StringComparison.Ordinal);
        Assert.Equal(ImageDecodeError.TimedOut, RefusedBytes(Jpeg, new() { Timeout = TimeSpan.FromTicks(1) }).Reason);
    }

    [Fact]
    public void A_cancelled_token_stops_it() =>
        Assert.ThrowsAny<OperationCanceledException>(
            () => Decoder.Decode(File.ReadAllBytes(Jpeg), null, new(), new CancellationToken(canceled: true)));

    [Fact]
    public void Damaged_content_is_a_typed_refusal_or_a_picture()
    {
        var random = new Random(3);
        foreach (var file in new[] { "coffee.png", "made.bmp", "made.webp", "no_time_for_that_tiny.gif", "made_gray.jpg" })
        {
            var whole = File.ReadAllBytes(Goldens.Path("images", file));
            for (var i = 0; i < 40; i++)
            {
                var damaged = whole.ToArray();
                for (var at = random.Next(1, 8); at > 0; at--)
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                try
                {
                    Decoder.Decode(damaged, file, ImageDecodeOptions.ForUploads with { Timeout = null });
                }
                catch (ImageDecodeException e)
                {
                    Assert.StartsWith(file, e.Message, StringComparison.Ordinal);
                }
            }
        }
    }

    private static ImageDecodeException Refused(string path, ImageDecodeOptions options) =>
        Assert.Throws<ImageDecodeException>(() => RgbImage.Load(path, options, Decoder));

    private static ImageDecodeException RefusedBytes(string path, ImageDecodeOptions options) =>
        Assert.Throws<ImageDecodeException>(() => Decoder.Decode(File.ReadAllBytes(path), path, options));
}

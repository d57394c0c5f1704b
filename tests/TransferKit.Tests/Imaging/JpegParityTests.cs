using System.Globalization;
using System.Text.Json;
using SkiaSharp;

namespace TransferKit.Tests.Imaging;

public class JpegParityTests
{
    public static TheoryData<string> Made => [.. GeneratedJpeg.Every.Where(j => !j.IsLeft).Select(j => j.Name)];

    public static TheoryData<string> Left => [.. GeneratedJpeg.Every.Where(j => j.IsLeft).Select(j => j.Name)];

    public static TheoryData<string> Photos =>
    [
        .. GoldenImage.Readable.Select(i => i.Name).Where(n => n.EndsWith(".jpg", StringComparison.Ordinal) && n != "made_cmyk.jpg"),
    ];

    [Fact]
    public void The_kinds_that_are_claimed_are_there()
    {
        Assert.Equal((56, 6), (Made.Count, Left.Count));
        Assert.Equal(7, Photos.Count);
    }

    [Theory]
    [MemberData(nameof(Made))]
    public void A_jpeg_of_every_usual_kind_has_Pillows_pixels(string name) =>
        Assert.Equal(GeneratedJpeg.Of(name).PillowHash, GoldenImage.Sha256(JpegDecoders.Own(GeneratedJpeg.Of(name).Content)!));

    [Fact]
    public void A_jpeg_does_not_depend_on_the_one_before_it()
    {
        foreach (var before in GeneratedJpeg.Every)
        {
            foreach (var made in GeneratedJpeg.Every.Where(j => !j.IsLeft))
            {
                JpegDecoders.Own(before.Content.AsSpan(..^(before.Content.Length / 3)));
                Assert.Equal(
                    (before.Name, made.Name, made.PillowHash),
                    (before.Name, made.Name, GoldenImage.Sha256(JpegDecoders.Own(made.Content)!)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Photos))]
    public void A_photo_has_Pillows_pixels_and_needs_no_Skia(string name) => Assert.Equal(
        GoldenImage.Of(name).Facts.GetProperty("rgb_sha256").GetString(),
        GoldenImage.Sha256(JpegDecoders.Own(GoldenImage.Of(name).Bytes())!));

    [Theory]
    [MemberData(nameof(Left))]
    public void A_jpeg_of_another_kind_is_left_to_Skia(string name)
    {
        var jpeg = GeneratedJpeg.Of(name).Content;
        Assert.Null(JpegDecoders.Own(jpeg));
        Assert.Equal(GoldenImage.Sha256(JpegDecoders.Skia(jpeg)), GoldenImage.Sha256(new SkiaImageDecoder().Decode(jpeg, name, new())));
    }

    [Fact]
    public void Every_size_quality_and_sampling_has_Skias_pixels()
    {
        var random = new Random(1);
        for (var height = 1; height <= 40; height++)
        {
            for (var width = 1; width <= 40; width++)
            {
                var sampling = (SKJpegEncoderDownsample)random.Next(3);
                AssertSame(
                    width, height, random.Next(1, 101), sampling, random,
                    isLeft: sampling != SKJpegEncoderDownsample.Downsample444 && width <= 4);
            }
        }
    }

    [Theory]
    [InlineData(1023, 17)]
    [InlineData(17, 1023)]
    [InlineData(3001, 7)]
    [InlineData(333, 517)]
    public void Larger_sizes_have_Skias_pixels(int width, int height)
    {
        foreach (var sampling in Enum.GetValues<SKJpegEncoderDownsample>())
            AssertSame(width, height, 95, sampling, new(width), isLeft: false);
    }

    [Fact]
    public void Every_quality_has_Skias_pixels()
    {
        for (var quality = 1; quality <= 100; quality++)
            AssertSame(64, 48, quality, SKJpegEncoderDownsample.Downsample420, new(quality), isLeft: false);
    }

    [Theory]
    [InlineData(2), InlineData(3), InlineData(4), InlineData(7), InlineData(8), InlineData(50)]
    public void A_jpeg_scaled_down_has_Skias_pixels(int times)
    {
        var random = new Random(times);
        for (var round = 0; round < 200; round++)
        {
            var (width, height) = (random.Next(times, times + 70), random.Next(times, times + 70));
            ImageSize wanted = (Math.Max(1, height / times), Math.Max(1, width / times));
            var sampling = (SKJpegEncoderDownsample)random.Next(3);
            AssertSame(
                width, height, random.Next(1, 101), sampling, random,
                isLeft: sampling != SKJpegEncoderDownsample.Downsample444 && width <= 4, wanted);
        }
    }

    public static TheoryData<string> Drafts
    {
        get
        {
            using var drafts = ReadDrafts();
            // Versions of libjpeg smooth images with missing scans differently.
            return [.. drafts.RootElement.EnumerateObject().Select(d => d.Name).Where(name => name != "left_unfinished.jpg")];
        }
    }

    [Theory]
    [MemberData(nameof(Drafts))]
    public void A_jpeg_of_every_kind_has_the_size_and_pixels_of_Pillows_draft_at_each_scale(string name)
    {
        var jpeg = File.ReadAllBytes(Goldens.Path(name == "made_cmyk.jpg" ? "images" : "jpegs", name));
        using var drafts = ReadDrafts();
        using var codec = SKCodec.Create(new SKMemoryStream(jpeg));
        foreach (var draft in drafts.RootElement.GetProperty(name).EnumerateObject())
        {
            var times = int.Parse(draft.Name, CultureInfo.InvariantCulture);
            ImageSize wanted = (Math.Max(1, codec.Info.Height / times), Math.Max(1, codec.Info.Width / times));

            var image = JpegDecoders.Own(jpeg, wanted) ?? JpegDecoders.Skia(jpeg, wanted);

            Assert.Equal(
                (draft.Value.GetProperty("width").GetInt32(), draft.Value.GetProperty("height").GetInt32()), (image.Width, image.Height));
            Assert.Equal((times, draft.Value.GetProperty("rgb_sha256").GetString()), (times, GoldenImage.Sha256(image)));
        }
    }

    // Image.draft reduces by the largest of 8, 4, 2 and 1 at which the image still covers the requested size.
    [Theory]
    [InlineData(199, 150, 100, 75, 199, 150), InlineData(200, 150, 100, 75, 100, 75), InlineData(399, 301, 100, 75, 200, 151)]
    [InlineData(401, 301, 100, 75, 101, 76), InlineData(801, 603, 100, 75, 101, 76), InlineData(801, 599, 100, 75, 201, 150)]
    public void A_jpeg_is_scaled_down_as_far_as_Pillows_draft_does(
        int width, int height, int wantedWidth, int wantedHeight, int scaledWidth, int scaledHeight)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);

        var own = JpegDecoders.Own(jpeg.AsSpan(), (wantedHeight, wantedWidth))!;

        Assert.Equal((scaledWidth, scaledHeight), (own.Width, own.Height));
    }

    [Theory]
    [MemberData(nameof(Made))]
    public void Resizing_while_decoding_is_resizing_afterwards(string name)
    {
        var jpeg = GeneratedJpeg.Of(name).Content;
        var fitting = new ImageLoadOptions { Interpolation = Interpolation.Bicubic }.FittingTo(new(11, 23));
        Assert.Equal(JpegDecoders.Own(jpeg)!.Resize(23, 11, Interpolation.Bicubic).Pixels.ToArray(), fitting.Load(jpeg, name));
    }

    [Fact]
    public void A_picture_costs_few_objects()
    {
        var jpeg = GoldenImage.Of("rocket.jpg").Bytes();
        var fitting = new ImageLoadOptions().FittingTo(new(32, 32));
        fitting.Load(jpeg, null);

        // A collection in the midst counts what the thread has reserved and not used, so the least of several is what a picture costs.
        var costs = Enumerable.Range(0, 5).Select(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            fitting.Load(jpeg, null);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.InRange(costs.Min(), 1, 32 * 32 * 3 + 1500);
    }

    private static JsonDocument ReadDrafts() => JsonDocument.Parse(File.ReadAllBytes(Goldens.Path("drafts.json")));

    /// <summary>Draws noise and flat areas, so that all kinds of blocks occur.</summary>
    private static void AssertSame(
        int width, int height, int quality, SKJpegEncoderDownsample sampling, Random random, bool isLeft, ImageSize? wanted = null)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var (contrast, flat) = (random.Next(1, 257), random.Next(4));
        for (var i = 0; i < width * height; i++)
        {
            var noise = (i / 16) % 4 < flat ? 0 : random.Next();
            bitmap.SetPixel(
                i % width, i / width, new((byte)(noise % contrast), (byte)(noise / 256 % contrast), (byte)(i + noise / 65536 % contrast)));
        }
        using var pixels = bitmap.PeekPixels()!;
        using var jpeg = pixels.Encode(new SKJpegEncoderOptions(quality, sampling, SKJpegEncoderAlphaOption.Ignore))!;
        var own = JpegDecoders.Own(jpeg.AsSpan(), wanted);
        var expected = JpegDecoders.Skia(jpeg.AsSpan(), wanted);
        // The decoder declines images with chroma halved in one direction at a scale of one eighth, and very narrow ones.
        isLeft |= sampling == SKJpegEncoderDownsample.Downsample422 && (expected.Width <= 4 || 4 * expected.Width < width);
        var what = $"{width} x {height} for {wanted}, quality {quality}, {sampling}";
        Assert.True(isLeft == (own is null), what);
        Assert.True(own is null || own.Pixels.Span.SequenceEqual(expected.Pixels.Span), what);
    }
}

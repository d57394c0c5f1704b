namespace TransferKit.Tests.Imaging;

public class DecodeErrorTests
{
    private static readonly SkiaImageDecoder Decoder = new();

    [Theory]
    [InlineData("made_empty.jpg", ImageDecodeError.Empty)]
    [InlineData("made_not_an_image.jpg", ImageDecodeError.NotAnImage)]
    [InlineData("made_cut_in_half.jpg", ImageDecodeError.Truncated)]
    [InlineData("truncated.jpg", ImageDecodeError.Truncated)]
    [InlineData("made_gray16.png", ImageDecodeError.Unsupported)]
    [InlineData("chessboard_GRAY_U16.tif", ImageDecodeError.Unsupported)]
    public void A_file_that_cannot_be_read_is_named_with_the_reason(string name, ImageDecodeError reason)
    {
        var error = Assert.Throws<ImageDecodeException>(() => GoldenImage.Of(name).Decode());
        Assert.Equal(reason, error.Reason);
        Assert.Equal(name, error.ImageName);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_file_that_Pillow_refuses_is_refused()
    {
        foreach (var golden in GoldenImage.Every.Where(i => i.PillowFailed))
        {
            Assert.Throws<ImageDecodeException>(() => golden.Decode());
        }
    }

    [Theory]
    [InlineData("rocket.jpg")]
    [InlineData("made.bmp")]
    [InlineData("made.webp")]
    [InlineData("chelsea.png")]
    [InlineData("multipage.tif")]
    [InlineData("no_time_for_that_tiny.gif")]
    public void The_pixel_limit_counts_before_decoding(string name)
    {
        var image = GoldenImage.Of(name).Decode();
        var pixels = (long)image.Width * image.Height;
        var bytes = GoldenImage.Of(name).Bytes();
        Decoder.Decode(bytes, name, new ImageDecodeOptions { MaxPixels = pixels });
        var error = Assert.Throws<ImageDecodeException>(
            () => Decoder.Decode(bytes, name, new ImageDecodeOptions { MaxPixels = pixels - 1 }));
        Assert.Equal(ImageDecodeError.TooLarge, error.Reason);
    }

    [Theory]
    [InlineData("rocket.jpg", 0.5)]
    [InlineData("made_progressive_444.jpg", 0.5)]
    [InlineData("made_cmyk.jpg", 0.5)]
    [InlineData("made.bmp", 0.5)]
    [InlineData("made.webp", 0.5)]
    [InlineData("chelsea.png", 0.5)]
    // These two formats hold several images, and only the first must be complete.
    [InlineData("multipage.tif", 0.1)]
    [InlineData("no_time_for_that_tiny.gif", 0.19)]
    public void A_file_cut_within_its_picture_is_truncated(string name, double kept)
    {
        var bytes = GoldenImage.Of(name).Bytes();
        var error = Assert.Throws<ImageDecodeException>(
            () => Decoder.Decode(bytes.AsSpan(0, (int)(bytes.Length * kept)), name, new ImageDecodeOptions()));
        Assert.Equal(ImageDecodeError.Truncated, error.Reason);
    }

    [Theory]
    [InlineData("made_progressive_444.jpg")]
    [InlineData("rocket.jpg")]
    [InlineData("made.webp")]
    [InlineData("made.bmp")]
    public void One_missing_byte_is_noticed(string name)
    {
        var bytes = GoldenImage.Of(name).Bytes();
        var error = Assert.Throws<ImageDecodeException>(
            () => Decoder.Decode(bytes.AsSpan(0, bytes.Length - 1), null, new ImageDecodeOptions()));
        Assert.Equal(ImageDecodeError.Truncated, error.Reason);
        Assert.Null(error.ImageName);
    }

    [Fact]
    public void Images_are_recognised_by_content()
    {
        foreach (var golden in GoldenImage.Every)
        {
            var bytes = golden.Bytes();
            var isImage = golden.Name is not ("made_empty.jpg" or "made_not_an_image.jpg");
            Assert.Equal(isImage, Decoder.CanDecode(bytes.AsSpan(0, Math.Min(bytes.Length, 16))));
        }
        Assert.False(Decoder.CanDecode("BMW cars and other things"u8));
    }

    [Fact]
    public void Damaged_files_give_pixels_or_the_typed_error_and_nothing_else()
    {
        string[] small =
        [
            "made_gray.jpg", "made_progressive_444.jpg", "made_cmyk.jpg", "made.bmp", "made.webp", "palette_color.png",
            "foo3x5x4indexed.png", "no_time_for_that_tiny.gif", "multipage.tif", "truncated.jpg", "made_gray16.png",
        ];
        var options = new ImageDecodeOptions { ApplyExifOrientation = true, MaxPixels = 1_000_000 };
        foreach (var name in small)
        {
            var original = GoldenImage.Of(name).Bytes();
            var random = new Random(original.Length);
            var rounds = original.Length < 10_000 ? 300 : 20;
            for (var round = 0; round < rounds; round++)
            {
                var bytes = original.ToArray();
                for (var flips = random.Next(1, 6); flips > 0; flips--)
                {
                    // Most changes are near the start, because the structure is there.
                    var at = random.Next(2) == 0 ? random.Next(Math.Min(200, bytes.Length)) : random.Next(bytes.Length);
                    bytes[at] ^= (byte)(1 << random.Next(8));
                }
                var length = random.Next(3) == 0 ? random.Next(bytes.Length + 1) : bytes.Length;
                try
                {
                    var image = Decoder.Decode(bytes.AsSpan(0, length), name, options);
                    Assert.Equal(image.Width * image.Height * 3, image.Pixels.Length);
                }
                catch (ImageDecodeException error)
                {
                    Assert.Equal(name, error.ImageName);
                }
            }
        }
    }
}
